import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, type INestApplicationContext, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { newId } from '#kernel';
import { AuditModule } from '#platform/audit';
import { ConfigModule, DatabaseConfig, EnvironmentConfig, loadTopic } from '#platform/config';
import type { RequestContext } from '#platform/context';
import { DatabaseModule, DatabaseServer } from '#platform/database';
import { HaltState, type HaltVerdict, ServiceState } from '#platform/http';
import { ProgressModule } from '#platform/progress';
import { JobsModule } from '../jobs.module.ts';

export class SwitchableHalt extends HaltState {
  verdict: HaltVerdict = 'clear';

  read(): Promise<HaltVerdict> {
    return Promise.resolve(this.verdict);
  }
}

const halt = new SwitchableHalt();

@Global()
@Module({ providers: [{ provide: HaltState, useValue: halt }, ServiceState], exports: [HaltState, ServiceState] })
class HaltModule {}

export interface JobsProcessOptions {
  processors?: Type[];
  env?: NodeJS.ProcessEnv;
  dataDir?: string;
}

/** A process that queues and executes jobs, without HTTP. Several of them on one database are several replicas. */
export class JobsProcess {
  readonly app: INestApplicationContext;
  readonly halt = halt;

  private constructor(app: INestApplicationContext) {
    this.app = app;
  }

  static async start(
    database: { urls: { owner: string } },
    { processors = [], env = {}, dataDir }: JobsProcessOptions = {},
  ): Promise<JobsProcess> {
    const settings: NodeJS.ProcessEnv = {
      ALPHASWARM_ENV: 'test',
      ALPHASWARM_DATA_DIR: dataDir ?? newDataDir(),
      DATABASE_URL: database.urls.owner,
      ALPHASWARM_MIGRATE_ON_START: 'false',
      ALPHASWARM_DATABASE_POOL: '8',
      ...env,
    };
    const server = await DatabaseServer.open(
      loadTopic(DatabaseConfig, settings),
      loadTopic(EnvironmentConfig, settings),
    );

    @Module({
      imports: [
        ConfigModule.forRoot(settings),
        DatabaseModule.forRoot(server),
        AuditModule,
        HaltModule,
        ProgressModule,
        JobsModule,
      ],
      providers: processors,
    })
    class ProcessModule {}

    return new JobsProcess(
      await NestFactory.createApplicationContext(ProcessModule, { logger: false, abortOnError: false }),
    );
  }

  get<T>(token: Type<T> | (abstract new (...args: never[]) => T)): T {
    return this.app.get<T>(token as Type<T>);
  }

  stop(): Promise<void> {
    return this.app.close();
  }
}

export function newDataDir(): string {
  return mkdtempSync(join(tmpdir(), 'alphaswarm-jobs-'));
}

/** A user's context in an organization of its own, unless one is given. */
export function userContext(orgId = newId()): RequestContext {
  const id = newId();
  return {
    orgId,
    workspaceId: null,
    projectId: null,
    labId: null,
    requestId: newId(),
    sourceIp: null,
    principal: { kind: 'user', id, actor: `user:${id}`, token: null },
  };
}
