import type { EnvReader } from './env-reader.ts';

const PUBLIC_KEY = /^[0-9a-f]{64}$/;

/** Keys of the audit checkpoints. */
export class AuditConfig {
  /**
   * PEM file (PKCS #8) of the Ed25519 key that signs checkpoints, the same for all machines of an installation. Absent:
   * one is made in the data directory.
   */
  readonly signingKeyFile: string | undefined;
  /**
   * Public keys, 64 lower-case hex digits each, whose checkpoints are believed beside those of the signing key: keys of
   * the past.
   */
  readonly trustedKeys: readonly string[];

  constructor(env: EnvReader) {
    this.signingKeyFile = env.optional('ALPHASWARM_AUDIT_KEY_FILE');
    this.trustedKeys = env.list('ALPHASWARM_AUDIT_TRUSTED_KEYS');
    for (const key of this.trustedKeys)
      if (!PUBLIC_KEY.test(key))
        env.refuse(
          'ALPHASWARM_AUDIT_TRUSTED_KEYS is a comma-separated list of Ed25519 public keys of 64 lower-case hex digits',
        );
  }
}
