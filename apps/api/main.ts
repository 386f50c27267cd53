import { Logger } from 'nestjs-pino';
import {
  AuthConfig,
  ConfigError,
  DatabaseConfig,
  EnvironmentConfig,
  TelemetryConfig,
  loadConfig,
  loadTopic,
} from '#platform/config';
import { Connections, DatabaseServer, SchemaBehindError, UnfitServerError } from '#platform/database';
import { DirectoryInUseError, lockDataDirectory } from '#platform/health';
import { LastResort } from '#platform/host';
import { createApiApplication, PortInUseError, serve } from '#platform/http';
import { startTracing } from '#platform/telemetry';
import { AppModule } from './app.module.ts';
import { welcome } from './first-start.ts';

/** EX_CONFIG of sysexits.h. */
const BAD_CONFIGURATION = 78;

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  loadConfig(env);
  const environment = loadTopic(EnvironmentConfig, env);
  const release = lockDataDirectory(environment.dataDir);
  const stopTracing = await startTracing(loadTopic(TelemetryConfig, env), environment, 'api');
  const server = await DatabaseServer.open(loadTopic(DatabaseConfig, env), environment);
  const app = await createApiApplication(AppModule.forRoot({ env, server }));
  app.useLogger(app.get(Logger));
  const lastResort = LastResort.install()
    .first(500, stopTracing)
    .first(2_300, () => server.close());
  const url = await serve(app, lastResort, async () => {
    await app.get(Connections).close();
    await server.close();
    await stopTracing();
    release();
  });
  app.get(Logger).log(`listening on ${url}`, 'main');
  if (environment.name === 'dev' && app.get(AuthConfig).provider === 'local') await welcome(app, url);
}

main(process.env).catch((error: unknown) => {
  const expected = [ConfigError, DirectoryInUseError, SchemaBehindError, UnfitServerError, PortInUseError].some(
    (kind) => error instanceof kind,
  );
  process.stderr.write(`${error instanceof Error ? (expected ? error.message : error.stack) : String(error)}\n`);
  process.exit(expected ? BAD_CONFIGURATION : 1);
});
