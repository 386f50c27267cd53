import type { EnvReader } from './env-reader.ts';

/** Keys that keep secrets sealed (platform.md 15.2). */
export class EnvelopeConfig {
  /**
   * File of the key-encryption keys, the same for all machines of an installation. Absent in `dev` and `test` only: one
   * is made in the data directory. Elsewhere nobody would notice that the key of every secret lies beside them.
   */
  readonly kekFile: string | undefined;

  constructor(env: EnvReader) {
    this.kekFile = env.optional('ALPHASWARM_KEK_FILE');
    const name = env.text('ALPHASWARM_ENV', 'prod');
    if (this.kekFile === undefined && name !== 'dev' && name !== 'test')
      env.refuse(`ALPHASWARM_KEK_FILE is demanded with ALPHASWARM_ENV=${name}`);
  }
}
