import { createReadStream } from 'node:fs';
import { access, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { newId } from '#kernel';

const NAME = /^[0-9a-f]{8,}[a-z0-9.]*$/;
const SCHEME = 'artifact:';

/**
 * Immutable bytes named by their content, as files below `artifacts` in the data directory. Large results live here;
 * the rows that point at them live in PostgreSQL. Writing the same content twice is one object, so a retried job leaves
 * nothing behind.
 */
export class ArtifactStorage {
  readonly #root: string;

  constructor(dataDir: string) {
    this.#root = join(dataDir, 'artifacts');
  }

  /**
   * Stores the bytes durably and returns their address. `name` is a lower-case hex hash and a suffix, such as
   * `ab12….ndjson.gz`.
   */
  async put(name: string, bytes: Uint8Array): Promise<string> {
    if (!NAME.test(name)) throw new Error(`not an artifact name: ${name}`);
    const target = this.#path(name);
    if (!(await exists(target))) {
      await mkdir(dirname(target), { recursive: true });
      // Written aside, flushed and renamed: a killed process leaves no half file under the final name.
      const aside = `${target}.${newId()}`;
      const file = await open(aside, 'wx');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(aside, target);
    }
    return `${SCHEME}${name}`;
  }

  read(uri: string): Promise<Uint8Array> {
    return readFile(this.#path(this.#name(uri)));
  }

  stream(uri: string): Readable {
    return createReadStream(this.#path(this.#name(uri)));
  }

  #name(uri: string): string {
    const name = uri.slice(SCHEME.length);
    if (!uri.startsWith(SCHEME) || !NAME.test(name)) throw new Error(`not an artifact address: ${uri}`);
    return name;
  }

  #path(name: string): string {
    return join(this.#root, name.slice(0, 2), name);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
