import type { EnvReader } from './env-reader.ts';

/** Logs, spans and metrics (platform.md 12). */
export class TelemetryConfig {
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** OTLP collector. Absent: nothing of OpenTelemetry is loaded but its no-op API. */
  readonly endpoint: string | undefined;
  readonly protocol: 'grpc' | 'http/protobuf';
  readonly serviceName: string;
  /** Head sampling, 0 to 1, parent-based. */
  readonly sampleRatio: number;

  constructor(env: EnvReader) {
    this.logLevel = env.oneOf(
      'ALPHASWARM_LOG_LEVEL',
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'info',
    );
    this.endpoint = env.url('ALPHASWARM_OTEL_ENDPOINT', ['http:', 'https:']);
    this.protocol = env.oneOf('ALPHASWARM_OTEL_PROTOCOL', ['grpc', 'http/protobuf'], 'grpc');
    this.serviceName = env.text('ALPHASWARM_OTEL_SERVICE_NAME', 'alphaswarm');
    this.sampleRatio = env.number('ALPHASWARM_OTEL_SAMPLE_RATIO', 1, { min: 0, max: 1 });
  }
}
