import { resolve } from 'node:path';
import type { EnvReader } from './env-reader.ts';

/** Which installation this is, and where it keeps its files. */
export class EnvironmentConfig {
  /** `dev` and `test` may use the local issuer; unset means `prod`. */
  readonly name: 'dev' | 'test' | 'staging' | 'prod';
  /** True where NODE_ENV says production, whatever ALPHASWARM_ENV says. */
  readonly nodeProduction: boolean;
  /** Everything the embedded parts write lives below this directory. Absolute. */
  readonly dataDir: string;
  /** Identifies a deployment cell in audit rows. */
  readonly cellId: string;

  constructor(env: EnvReader) {
    this.name = env.oneOf('ALPHASWARM_ENV', ['dev', 'test', 'staging', 'prod'], 'prod');
    this.nodeProduction = env.optional('NODE_ENV') === 'production';
    this.dataDir = resolve(env.text('ALPHASWARM_DATA_DIR', '.data'));
    this.cellId = env.text('ALPHASWARM_CELL_ID', 'local');
  }
}
