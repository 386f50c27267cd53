import { join, resolve } from 'node:path';
import type { EnvReader } from './env-reader.ts';

/** Where lake tables live, and what the embedded query engine may use. */
export class LakeConfig {
  /** Directory of all table files. Absolute. */
  readonly warehouse: string;
  /** Directory of uploads and of files on their way into tables. Absolute. */
  readonly staging: string;
  /** DuckDB's notation, such as `512MB`. */
  readonly memory: string;
  readonly threads: number;

  constructor(env: EnvReader) {
    const dataDir = resolve(env.text('ALPHASWARM_DATA_DIR', '.data'));
    this.warehouse = resolve(env.text('ALPHASWARM_ICEBERG_WAREHOUSE', join(dataDir, 'iceberg')));
    this.staging = resolve(env.text('ALPHASWARM_ICEBERG_STAGING_DIR', join(dataDir, 'iceberg-staging')));
    this.memory = `${env.integer('ALPHASWARM_LAKE_MEMORY_MB', 512, { min: 128 })}MB`;
    this.threads = env.integer('ALPHASWARM_LAKE_THREADS', 2, { min: 1, max: 64 });
  }
}
