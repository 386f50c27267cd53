import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../../../apps/api/app.module.ts';
import { DatabaseConfig, EnvironmentConfig, loadTopic } from '#platform/config';
import { DatabaseServer } from '#platform/database';
import { createApiApplication } from '#platform/http';
import { TestDatabase } from '../../../libs/platform/database/testing/index.ts';
import { type ApiResponse, type Sent, send } from './send.ts';

export interface TestApiOptions {
  env?: NodeJS.ProcessEnv;
}

/** The real application in this process, on a fresh database and a port of its own. */
export class TestApi {
  readonly app: NestExpressApplication;
  readonly database: TestDatabase;
  readonly url: string;
  readonly dataDir: string;
  readonly #server: DatabaseServer;

  private constructor(app: NestExpressApplication, database: TestDatabase, server: DatabaseServer, url: string, dataDir: string) {
    this.app = app;
    this.database = database;
    this.#server = server;
    this.url = url;
    this.dataDir = dataDir;
  }

  static async start({ env = {} }: TestApiOptions = {}): Promise<TestApi> {
    const database = await TestDatabase.create();
    const dataDir = mkdtempSync(join(tmpdir(), 'alphaswarm-e2e-'));
    const settings: NodeJS.ProcessEnv = {
      ALPHASWARM_ENV: 'test', ALPHASWARM_AUTH_PROVIDER: 'local', ALPHASWARM_DATA_DIR: dataDir, ALPHASWARM_LOG_LEVEL: 'silent',
      DATABASE_URL: database.urls.owner, ALPHASWARM_MIGRATE_ON_START: 'false', ALPHASWARM_DATABASE_POOL: '8', PORT: '0', ...env,
    };
    const server = await DatabaseServer.open(loadTopic(DatabaseConfig, settings), loadTopic(EnvironmentConfig, settings));
    const app = await createApiApplication(AppModule.forRoot({ env: settings, server }), { logger: false });
    await app.listen(0, '127.0.0.1');
    return new TestApi(app, database, server, await app.getUrl(), dataDir);
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
    await this.#server.close();
    await this.database.drop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
