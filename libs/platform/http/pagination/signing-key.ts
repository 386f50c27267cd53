import { createHash, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvironmentConfig, HttpConfig } from '#platform/config';

/** Injects the 32 bytes that cursors and report links are signed with. */
export const SIGNING_KEY = Symbol('signing-key');

/**
 * `ALPHASWARM_SIGNING_KEY` where several processes answer for each other, else a key made once in the data directory.
 * Signatures for different purposes stay apart by a label in what is signed.
 */
export function signingKey(config: HttpConfig, environment: EnvironmentConfig): Uint8Array {
  if (config.signingKey !== undefined) return createHash('sha256').update(config.signingKey).digest();
  const file = join(environment.dataDir, 'signing.key');
  if (!existsSync(file)) create(file, environment.dataDir);
  if ((statSync(file).mode & 0o077) !== 0) throw new Error(`${file} must be readable by its owner only (chmod 600).`);
  return Buffer.from(readFileSync(file, 'utf8').trim(), 'hex');
}

/** Written aside and linked, so that nobody reads half a key and the first of two processes wins. */
function create(file: string, directory: string): void {
  mkdirSync(directory, { recursive: true });
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, randomBytes(32).toString('hex'), { mode: 0o600 });
  try {
    linkSync(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside);
  }
}
