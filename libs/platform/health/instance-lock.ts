import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '#platform/host';

const WAIT_MS = 50;
const MAX_WAITS = 20;

/** Another service lives in this data directory. */
export class DirectoryInUseError extends Error {
  constructor(dataDir: string, pid: number) {
    super(
      `${dataDir} is in use by the service with process id ` +
        `${pid}. Stop it, or give this one another ALPHASWARM_DATA_DIR.`,
    );
    this.name = 'DirectoryInUseError';
  }
}

/**
 * Claims the data directory for this process; returns the release. A claim whose process is gone is taken over, so a
 * killed service starts again without help. Throws DirectoryInUseError.
 */
export function lockDataDirectory(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'service.lock');
  const claim = identityOf(process.pid) ?? String(process.pid);
  for (let waits = 0; !claimed(file, claim);) {
    const holder = read(file);
    const pid = Number(holder?.split(' ')[0]);
    if (holder === null || holder !== identityOf(pid)) rmSync(file, { force: true });
    // A process that has just been killed may still be on its way out.
    else if (waits++ < MAX_WAITS) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    else throw new DirectoryInUseError(dataDir, pid);
  }
  return () => {
    if (read(file) === claim) rmSync(file, { force: true });
  };
}

function claimed(file: string, claim: string): boolean {
  try {
    writeFileSync(file, claim, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * The process id, with the moment the process started where Linux tells it: ids are used again. Null when there is no
 * such process.
 */
function identityOf(pid: number): string | null {
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  try {
    // Fields 3 and 22 of proc_pid_stat(5); the second may contain blanks but ends with the last parenthesis.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    // Z and X are dead: only their parent has not asked for them yet.
    return /^[ZX]/.test(fields[0] ?? '') ? null : `${pid} ${fields[19] ?? ''}`;
  } catch {
    return String(pid);
  }
}
