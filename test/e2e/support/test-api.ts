import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../../../apps/api/app.module.ts';
import { DatabaseConfig, EnvironmentConfig, loadTopic } from '#platform/config';
import { Connections, DatabaseServer } from '#platform/database';
import { createApiApplication } from '#platform/http';
import { TestDatabase } from '../../../libs/platform/database/testing/index.ts';
import { type ApiResponse, type Sent, send } from './send.ts';

export interface TestApiOptions {
  env?: NodeJS.ProcessEnv;
  /** Modules mounted beside those of the application, such as routes that show one convention each. */
  modules?: (Type | DynamicModule)[];
}

/** What a token shall say; see POST /auth/dev/token. */
export interface TokenRequest {
  org?: string;
  role?: 'viewer' | 'editor' | 'admin' | 'owner' | 'superadmin';
  scope?: string;
  acr?: 'high';
  /** Seconds. */
  auth_time?: number;
  ttl_seconds?: number;
}

@Module({})
class TestRoot {}

/** The real application in this process, on a fresh database and a port of its own. */
export class TestApi {
  readonly app: NestExpressApplication;
  readonly database: TestDatabase;
  readonly url: string;
  readonly dataDir: string;
  readonly #server: DatabaseServer;

  private constructor(
    app: NestExpressApplication,
    database: TestDatabase,
    server: DatabaseServer,
    url: string,
    dataDir: string,
  ) {
    this.app = app;
    this.database = database;
    this.#server = server;
    this.url = url;
    this.dataDir = dataDir;
  }

  static async start({ env = {}, modules = [] }: TestApiOptions = {}): Promise<TestApi> {
    const database = await TestDatabase.create();
    const dataDir = mkdtempSync(join(tmpdir(), 'alphaswarm-e2e-'));
    const settings: NodeJS.ProcessEnv = {
      ALPHASWARM_ENV: 'test',
      ALPHASWARM_AUTH_PROVIDER: 'local',
      ALPHASWARM_DATA_DIR: dataDir,
      ALPHASWARM_LOG_LEVEL: 'silent',
      ...database.settings,
      ALPHASWARM_MIGRATE_ON_START: 'false',
      ALPHASWARM_DATABASE_POOL: '8',
      PORT: '0',
      ...env,
    };
    const server = await DatabaseServer.open(
      loadTopic(DatabaseConfig, settings),
      loadTopic(EnvironmentConfig, settings),
    );
    const app = await createApiApplication(
      { module: TestRoot, imports: [AppModule.forRoot({ env: settings, server }), ...modules] },
      { logger: false },
    );
    await app.listen(0, '127.0.0.1');
    return new TestApi(app, database, server, await app.getUrl(), dataDir);
  }

  /**
   * A bearer token of the local issuer; person and organization are made when they are new. Ann owns the organization
   * `default`.
   */
  async token(user = 'ann', request: TokenRequest = {}): Promise<string> {
    const { status, body } = await this.post('/auth/dev/token', { user, ...request });
    if (status !== 200) throw new Error(`no token for ${user}: ${JSON.stringify(body)}`);
    return (body as { access_token: string }).access_token;
  }

  get(path: string, sent?: Sent): Promise<ApiResponse> {
    return send(this.url, 'GET', path, undefined, sent);
  }

  post(path: string, body?: unknown, sent?: Sent): Promise<ApiResponse> {
    return send(this.url, 'POST', path, body, sent);
  }

  put(path: string, body?: unknown, sent?: Sent): Promise<ApiResponse> {
    return send(this.url, 'PUT', path, body, sent);
  }

  patch(path: string, body?: unknown, sent?: Sent): Promise<ApiResponse> {
    return send(this.url, 'PATCH', path, body, sent);
  }

  delete(path: string, sent?: Sent): Promise<ApiResponse> {
    return send(this.url, 'DELETE', path, undefined, sent);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.app.get(Connections).close();
    await this.#server.close();
    await this.database.drop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
