import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as ProtoLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as GrpcMetrics } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as ProtoMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcTraces } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as ProtoTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import type { EnvironmentConfig, TelemetryConfig } from '#platform/config';
import { enableSpans } from '#platform/spans';
import { observeEventLoop } from './event-loop-delay.ts';

/** A collector that is down costs a shutdown this long at most. */
const FLUSH_MS = 5_000;

/** Spans, metrics and logs over OTLP with the resource of platform.md 12.1. */
export function startSdk(
  telemetry: TelemetryConfig & { endpoint: string },
  environment: EnvironmentConfig,
  role: string,
): () => Promise<void> {
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({
      'service.name': `${telemetry.serviceName}-${role}`,
      'service.namespace': 'alphaswarm',
      'service.version': '0.1.0',
      'service.instance.id': randomUUID(),
      'deployment.environment.name': environment.name,
      'service.id': 'alphaswarm-core',
      cell_id: environment.cellId,
    }),
    autoDetectResources: false,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(telemetry.sampleRatio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter: traces(telemetry) })],
    logRecordProcessors: [new BatchLogRecordProcessor({ exporter: logs(telemetry) })],
    metricReaders: [new PeriodicExportingMetricReader({ exporter: metrics(telemetry), exportIntervalMillis: 10_000 })],
  });
  sdk.start();
  enableSpans(true);
  const unobserve = observeEventLoop();
  return async () => {
    enableSpans(false);
    await Promise.race([sdk.shutdown().catch(() => undefined), sleep(FLUSH_MS, undefined, { ref: false })]);
    unobserve();
  };
}

function traces({ protocol, endpoint }: { protocol: string; endpoint: string }): GrpcTraces | ProtoTraces {
  return protocol === 'grpc'
    ? new GrpcTraces({ url: endpoint })
    : new ProtoTraces({ url: new URL('/v1/traces', endpoint).href });
}

function metrics({ protocol, endpoint }: { protocol: string; endpoint: string }): GrpcMetrics | ProtoMetrics {
  return protocol === 'grpc'
    ? new GrpcMetrics({ url: endpoint })
    : new ProtoMetrics({ url: new URL('/v1/metrics', endpoint).href });
}

function logs({ protocol, endpoint }: { protocol: string; endpoint: string }): GrpcLogs | ProtoLogs {
  return protocol === 'grpc'
    ? new GrpcLogs({ url: endpoint })
    : new ProtoLogs({ url: new URL('/v1/logs', endpoint).href });
}
