import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { EnvironmentConfig, HttpConfig } from '#platform/config';
import { secretFile } from '#platform/host';

/** Injects the 32 bytes that cursors and report links are signed with. */
export const SIGNING_KEY = Symbol('signing-key');

/**
 * `ALPHASWARM_SIGNING_KEY` where several processes answer for each other, else a key made once in the data directory.
 * Signatures for different purposes stay apart by a label in what is signed.
 */
export function signingKey(config: HttpConfig, environment: EnvironmentConfig): Uint8Array {
  if (config.signingKey !== undefined) return createHash('sha256').update(config.signingKey).digest();
  return Buffer.from(
    secretFile(join(environment.dataDir, 'signing.key'), () => randomBytes(32).toString('hex')),
    'hex',
  );
}
