import type { EnvReader } from './env-reader.ts';

/** Where the relational truth is. */
export class DatabaseConfig {
  /**
   * Login of the owner role: runs migrations, owns the job queue, creates the application roles (needs CREATEROLE and
   * BYPASSRLS). Absent: PostgreSQL 18 is started inside the data directory.
   */
  readonly url: string | undefined;
  /** Session-capable address for LISTEN when DATABASE_URL is a transaction pooler. */
  readonly directUrl: string | undefined;
  /** DATABASE_URL is a transaction pooler's. */
  readonly pooled: boolean;
  /** Connections of the request role per process. */
  readonly poolSize: number;
  /** Migrate at start. In production a separate job does it. */
  readonly migrateOnStart: boolean;

  constructor(env: EnvReader) {
    this.url = env.url('DATABASE_URL', ['postgres:', 'postgresql:']);
    this.directUrl = env.url('DATABASE_DIRECT_URL', ['postgres:', 'postgresql:']) ?? this.url;
    this.pooled = this.directUrl !== this.url;
    this.poolSize = env.integer('ALPHASWARM_DATABASE_POOL', 20, { min: 2, max: 500 });
    this.migrateOnStart = env.boolean('ALPHASWARM_MIGRATE_ON_START', env.text('ALPHASWARM_ENV', 'prod') !== 'prod');
  }
}
