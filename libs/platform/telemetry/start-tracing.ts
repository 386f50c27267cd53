import type { EnvironmentConfig, TelemetryConfig } from '#platform/config';

/**
 * Starts the OpenTelemetry SDK where an endpoint is set, and loads nothing of it otherwise. Returns what flushes and
 * stops it.
 */
export async function startTracing(
  telemetry: TelemetryConfig,
  environment: EnvironmentConfig,
  role: 'api' | 'worker',
): Promise<() => Promise<void>> {
  if (telemetry.endpoint === undefined) return () => Promise.resolve();
  const { startSdk } = await import('./otel-sdk.ts');
  return startSdk({ ...telemetry, endpoint: telemetry.endpoint }, environment, role);
}
