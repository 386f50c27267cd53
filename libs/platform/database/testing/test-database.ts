import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { AppPool } from '../app-pool.ts';
import { type DatabaseUrls, databaseUrls } from '../roles.ts';
import { TenantTransaction } from '../tenant-transaction.ts';
import { POOLER_VARIABLE, TEMPLATE_URL_VARIABLE } from './template-url.ts';

/** A fresh migrated database for one test file. */
export class TestDatabase {
  readonly urls: DatabaseUrls;
  /** Of a service on it: through the pooler where the run has one. */
  readonly settings: { DATABASE_URL: string; DATABASE_DIRECT_URL: string };
  readonly name: string;
  /** The owner: sees and changes everything, as an operator with psql would. */
  readonly owner: pg.Pool;
  readonly #templateUrl: string;
  readonly #pools: AppPool[] = [];

  private constructor(templateUrl: string, name: string) {
    const url = new URL(templateUrl);
    url.pathname = `/${name}`;
    this.#templateUrl = templateUrl;
    this.name = name;
    this.urls = databaseUrls(url.toString());
    url.host = process.env[POOLER_VARIABLE] ?? url.host;
    this.settings = { DATABASE_URL: url.toString(), DATABASE_DIRECT_URL: this.urls.owner };
    this.owner = new pg.Pool({ connectionString: this.urls.owner, max: 4 });
    // Dropping the database by force ends idle connections.
    this.owner.on('error', () => undefined);
  }

  static async create(): Promise<TestDatabase> {
    const templateUrl = process.env[TEMPLATE_URL_VARIABLE];
    if (!templateUrl)
      throw new Error('Database tests run with the "db" or "e2e" Jest project, whose global setup starts PostgreSQL.');
    const name = `test_${randomBytes(6).toString('hex')}`;
    await maintain(templateUrl, `CREATE DATABASE ${name} TEMPLATE ${new URL(templateUrl).pathname.slice(1)}`);
    return new TestDatabase(templateUrl, name);
  }

  /** Connections of the application role, as the service has them. */
  async transaction(size = 8): Promise<TenantTransaction> {
    const pool = new AppPool(this.urls.app, { size, prepare: true });
    this.#pools.push(pool);
    return Promise.resolve(new TenantTransaction(pool));
  }

  async drop(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.close()));
    await this.owner.end();
    await maintain(this.#templateUrl, `DROP DATABASE ${this.name} WITH (FORCE)`);
  }
}

async function maintain(templateUrl: string, statement: string): Promise<void> {
  const url = new URL(templateUrl);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
