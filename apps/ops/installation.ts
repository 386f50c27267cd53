import { existsSync } from 'node:fs';
import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Clock, SystemClock, newId } from '#kernel';
import { AuditCoreModule, Sealer, type WorkloadIntent, WorkloadRuntime } from '#platform/audit';
import { AuditConfig, ConfigError, DatabaseConfig, EnvironmentConfig, loadTopic } from '#platform/config';
import { systemContext } from '#platform/context';
import {
  Connections,
  DatabaseModule,
  DatabaseServer,
  migrate,
  prepareRoles,
  requireFitServer,
} from '#platform/database';
import { DirectoryInUseError, lockDataDirectory } from '#platform/health';
import type { LastResort } from '#platform/host';
import { migrateQueue } from '#platform/jobs';

@Module({})
class InstallationModule {
  static forRoot(env: NodeJS.ProcessEnv, server: DatabaseServer): DynamicModule {
    const providers = [
      ...[AuditConfig, DatabaseConfig, EnvironmentConfig].map((Topic) => ({
        provide: Topic,
        useValue: loadTopic<object>(Topic, env),
      })),
      { provide: Clock, useClass: SystemClock },
    ];
    return {
      module: InstallationModule,
      global: true,
      imports: [DatabaseModule.forRoot(server), AuditCoreModule],
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }
}

/** The database and audit services of an installation, for one command, whether its service runs or not. */
export class Installation {
  readonly env: NodeJS.ProcessEnv;
  readonly #lastResort: LastResort;

  constructor(env: NodeJS.ProcessEnv, lastResort: LastResort) {
    this.env = env;
    this.#lastResort = lastResort;
  }

  /**
   * Migrates a foreign database and its queue; the embedded ones are migrated whenever the service starts. Returns what
   * ran.
   */
  async migrate(): Promise<string[]> {
    const { directUrl: url } = loadTopic(DatabaseConfig, this.env);
    if (!url) return [];
    await requireFitServer(url);
    await prepareRoles(url);
    const ran = await migrate(url);
    await migrateQueue(url);
    return ran;
  }

  /** Runs `work` as an audited action of `system:ops` (platform.md 7.2), then seals its entries. */
  async audited<T>(intent: WorkloadIntent, work: (services: INestApplicationContext) => Promise<T>): Promise<T> {
    return this.use(async (services) => {
      const runtime = services.get(WorkloadRuntime);
      const context = systemContext('ops', newId());
      const run = await runtime.begin(context, intent);
      try {
        const result = await work(services);
        await runtime.finish(run, { status: 'succeeded' });
        return result;
      } catch (error) {
        await runtime.finish(run, { status: 'failed', errorCode: 'command_failed' });
        throw error;
      } finally {
        await services.get(Sealer).sealAll();
      }
    });
  }

  async use<T>(work: (services: INestApplicationContext) => Promise<T>): Promise<T> {
    const database = loadTopic(DatabaseConfig, this.env);
    const environment = loadTopic(EnvironmentConfig, this.env);
    if (!database.url && !existsSync(environment.dataDir))
      throw new ConfigError([`ALPHASWARM_DATA_DIR: there is no installation in ${environment.dataDir}.`]);
    const release = database.url ? undefined : claim(environment.dataDir);
    try {
      const server = await DatabaseServer.open(database, environment);
      if (release) this.#lastResort.first(3_000, () => server.close());
      const services = await NestFactory.createApplicationContext(InstallationModule.forRoot(this.env, server), {
        logger: ['error', 'fatal'],
        abortOnError: false,
      });
      try {
        return await work(services);
      } finally {
        await services.close();
        await services.get(Connections).close();
        // The embedded server belongs to the running service, if there is one.
        if (release) await server.close();
      }
    } finally {
      release?.();
    }
  }
}

/** Claims the data directory of a stopped service; undefined when the service runs. */
function claim(dataDir: string): (() => void) | undefined {
  try {
    return lockDataDirectory(dataDir);
  } catch (error) {
    if (error instanceof DirectoryInUseError) return undefined;
    throw error;
  }
}
