import { NestFactory } from '@nestjs/core';
import { Logger } from 'nestjs-pino';
import {
  ConfigError,
  DatabaseConfig,
  EnvironmentConfig,
  HttpConfig,
  TelemetryConfig,
  loadConfig,
  loadTopic,
} from '#platform/config';
import { Connections, DatabaseServer, SchemaBehindError, UnfitServerError } from '#platform/database';
import { LastResort } from '#platform/host';
import { startTracing } from '#platform/telemetry';
import { openHealthPort } from './health-port.ts';
import { stopOnSignal } from './stop-on-signal.ts';
import { WorkerModule } from './worker.module.ts';

/** EX_CONFIG of sysexits.h. */
const BAD_CONFIGURATION = 78;

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  loadConfig(env);
  const environment = loadTopic(EnvironmentConfig, env);
  const { host, port } = loadTopic(HttpConfig, env);
  const stopTracing = await startTracing(loadTopic(TelemetryConfig, env), environment, 'worker');
  const server = await DatabaseServer.open(loadTopic(DatabaseConfig, env), environment);
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot({ env, server }), {
    abortOnError: false,
    bufferLogs: true,
  });
  app.useLogger(app.get(Logger));
  const health = await openHealthPort(app, host, port);
  stopOnSignal(app, LastResort.install().first(500, stopTracing), async () => {
    await app.get(Connections).close();
    await stopTracing();
    health.close();
  });
}

main(process.env).catch((error: unknown) => {
  const expected = [ConfigError, SchemaBehindError, UnfitServerError].some((kind) => error instanceof kind);
  process.stderr.write(`${error instanceof Error ? (expected ? error.message : error.stack) : String(error)}\n`);
  process.exit(expected ? BAD_CONFIGURATION : 1);
});
