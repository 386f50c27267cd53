import type { EnvReader } from './env-reader.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/** Who issues the tokens we accept. */
export class AuthConfig {
  /**
   * `entra`: the organization's identity provider. `local`: the issuer inside this process, for development and tests
   * only.
   */
  readonly provider: 'entra' | 'local';
  /** How long a principal's grants are believed before they are read again, in milliseconds. */
  readonly snapshotMs: number;

  constructor(env: EnvReader) {
    this.provider = env.oneOf('ALPHASWARM_AUTH_PROVIDER', ['entra', 'local'], 'entra');
    this.snapshotMs = env.integer('ALPHASWARM_AUTH_SNAPSHOT_MS', 30_000, { min: 0, max: 30_000 });
    if (this.provider === 'local') this.#refuseUnsafeLocalIssuer(env);
  }

  /** The local issuer hands a token to whoever asks, so it never runs where anybody else could ask. */
  #refuseUnsafeLocalIssuer(env: EnvReader): void {
    const environment = env.text('ALPHASWARM_ENV', 'prod');
    if (environment !== 'dev' && environment !== 'test')
      env.refuse(`ALPHASWARM_AUTH_PROVIDER=local needs ALPHASWARM_ENV dev or test, not ${environment}`);
    if (env.optional('NODE_ENV') === 'production')
      env.refuse('ALPHASWARM_AUTH_PROVIDER=local is refused with NODE_ENV=production');
    const host = env.text('HOST', '127.0.0.1');
    if (!LOOPBACK.test(host) && env.optional('ALPHASWARM_AUTH_LOCAL_ACK') !== 'insecure') {
      env.refuse(
        `ALPHASWARM_AUTH_PROVIDER=local needs a loopback HOST, not ${host}, or ALPHASWARM_AUTH_LOCAL_ACK=insecure`,
      );
    }
  }
}
