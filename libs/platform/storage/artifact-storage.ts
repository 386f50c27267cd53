import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { ObjectStore } from './object-store.ts';
import { ObjectExistsError } from './storage-errors.ts';

const NAME = /^[0-9a-f]{8,}[a-z0-9.]*$/;
const SCHEME = 'artifact:';

/**
 * Immutable bytes named by their content, as objects `artifacts/<first two digits>/<name>`. Large results live here;
 * the rows that point at them live in PostgreSQL. Writing the same content twice is one object, so a retried job leaves
 * nothing behind.
 */
@Injectable()
export class ArtifactStorage {
  constructor(private readonly store: ObjectStore) {}

  /**
   * Stores the bytes durably and returns their address. `name` is a lower-case hex hash and a suffix, such as
   * `ab12….ndjson.gz`. An object that is there already is it, if it has as many bytes.
   */
  async put(name: string, bytes: Uint8Array): Promise<string> {
    if (!NAME.test(name)) throw new Error(`not an artifact name: ${name}`);
    try {
      await this.store.put(keyOf(name), bytes, { ifAbsent: true });
    } catch (error) {
      if (!(error instanceof ObjectExistsError)) throw error;
      const kept = await this.store.stat(keyOf(name));
      if (kept?.bytes !== bytes.length)
        throw new Error(`artifact ${name} has ${kept?.bytes ?? 'no'} bytes in storage, not ${bytes.length}`, {
          cause: error,
        });
    }
    return `${SCHEME}${name}`;
  }

  /** Throws `ObjectMissingError`. */
  async read(uri: string): Promise<Uint8Array> {
    return buffer(await this.stream(uri));
  }

  /** Throws `ObjectMissingError` before the first byte. */
  async stream(uri: string): Promise<Readable> {
    const name = uri.slice(SCHEME.length);
    if (!uri.startsWith(SCHEME) || !NAME.test(name)) throw new Error(`not an artifact address: ${uri}`);
    return this.store.get(keyOf(name));
  }
}

function keyOf(name: string): string {
  return `artifacts/${name.slice(0, 2)}/${name}`;
}
