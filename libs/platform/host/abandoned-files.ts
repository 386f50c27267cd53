import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes from a directory of files that somebody is at work with what a killed process left behind. Several processes
 * may share it: what is no older than `lifeMs`, which is longer than any such work, may be another's and stays.
 */
export async function removeAbandoned(directory: string, now: number, lifeMs: number): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name);
    // Unlike the time of its last write, this one changes when a file gets a second name.
    const { ctimeMs } = await stat(path).catch(() => ({ ctimeMs: now }));
    if (now - ctimeMs > lifeMs) await rm(path, { force: true });
  }
}
