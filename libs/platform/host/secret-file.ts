import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The text of a file that its owner alone may read. Throws when others may. */
export function readSecretFile(file: string): string {
  if ((statSync(file).mode & 0o077) !== 0) throw new Error(`${file} must be readable by its owner only (chmod 600).`);
  return readFileSync(file, 'utf8').trim();
}

/** A secret of this installation, which is made when there is none. */
export function secretFile(file: string, make: () => string): string {
  if (!existsSync(file)) create(file, make());
  return readSecretFile(file);
}

/**
 * Written aside and linked: linking is atomic, so nobody reads half a secret, and of two processes that start at once
 * one makes it.
 */
function create(file: string, secret: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const aside = `${file}.${randomUUID()}`;
  writeFileSync(aside, secret, { mode: 0o600 });
  try {
    linkSync(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside);
  }
}
