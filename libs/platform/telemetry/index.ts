export { loggerParams, pinoOptions } from './log-options.ts';
export { TelemetryModule } from './telemetry.module.ts';
export { startTracing } from './start-tracing.ts';
