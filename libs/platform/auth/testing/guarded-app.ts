import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { FixedClock } from '#kernel';
import { AuditModule } from '#platform/audit';
import { ConfigModule, DatabaseConfig, EnvironmentConfig, loadTopic } from '#platform/config';
import { DatabaseModule, DatabaseServer } from '#platform/database';
import {
  HttpModule,
  ProblemFilter,
  RequestStageGuard,
  RequestValidationPipe,
  createApiApplication,
} from '#platform/http';
import { RatesModule } from '#platform/rates';
import { TestDatabase } from '../../database/testing/index.ts';
import { AuthModule, DOOR_GUARDS } from '../auth.module.ts';
import { LocalIssuer } from '../token/local-issuer.ts';
import { TenantBuilder } from './tenants.ts';
import { TestTokens } from './tokens.ts';

export interface GuardedAppOptions {
  controller: Type;
  /** Run by the owner before the first request. */
  sql: readonly string[];
  env?: NodeJS.ProcessEnv;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

@Module({})
class TestRoot {}

/** One controller behind the guards of every door, as apps/api registers them, on a clock that stands still. */
export class GuardedApp {
  readonly clock = new FixedClock(Date.UTC(2030, 0, 1));
  readonly dataDir = mkdtempSync(join(tmpdir(), 'alphaswarm-guard-'));
  readonly database: TestDatabase;
  readonly build: TenantBuilder;
  #app: NestExpressApplication | undefined;
  #url = '';

  private constructor(database: TestDatabase) {
    this.database = database;
    this.build = new TenantBuilder(database.owner);
  }

  static async start({ controller, sql, env = {} }: GuardedAppOptions): Promise<GuardedApp> {
    const started = new GuardedApp(await TestDatabase.create());
    for (const statement of sql) await started.database.owner.query(statement);
    const settings = {
      ALPHASWARM_ENV: 'test',
      ALPHASWARM_AUTH_PROVIDER: 'local',
      ALPHASWARM_DATA_DIR: started.dataDir,
      DATABASE_URL: started.database.urls.owner,
      ALPHASWARM_MIGRATE_ON_START: 'false',
      ...env,
    };
    const server = await DatabaseServer.open(
      loadTopic(DatabaseConfig, settings),
      loadTopic(EnvironmentConfig, settings),
    );
    started.#app = await createApiApplication(
      {
        module: TestRoot,
        imports: [
          ConfigModule.forRoot(settings, started.clock),
          DatabaseModule.forRoot(server),
          RatesModule,
          AuditModule,
          HttpModule,
          AuthModule,
        ],
        controllers: [controller],
        providers: [
          ...DOOR_GUARDS.map((guard) => ({ provide: APP_GUARD, useExisting: guard })),
          { provide: APP_GUARD, useExisting: RequestStageGuard },
          { provide: APP_PIPE, useExisting: RequestValidationPipe },
          { provide: APP_FILTER, useExisting: ProblemFilter },
        ],
      },
      { logger: false },
    );
    await started.#app.listen(0, '127.0.0.1');
    started.#url = await started.#app.getUrl();
    return started;
  }

  get app(): NestExpressApplication {
    if (!this.#app) throw new Error('The application has not been started.');
    return this.#app;
  }

  get tokens(): TestTokens {
    return new TestTokens(this.app.get(LocalIssuer));
  }

  async call(method: string, path: string, token?: string, sent: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(sent.headers);
    if (token) headers.set('authorization', `Bearer ${token}`);
    const response = await fetch(this.#url + path, { ...sent, method, headers });
    const { status } = response;
    return { status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
  }

  /** Status and, of a refusal, its code. */
  async outcome(method: string, path: string, token?: string, sent?: RequestInit): Promise<string> {
    const { status, body } = await this.call(method, path, token, sent);
    return typeof body.code === 'string' ? `${status} ${body.code}` : String(status);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.database.drop();
    rmSync(this.dataDir, { recursive: true });
  }
}
