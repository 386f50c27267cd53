import type { Readable } from 'node:stream';

/**
 * Immutable bytes named by their content. Large results live here; the rows that point at them live in PostgreSQL.
 * Writing the same content twice is one object, so a retried job leaves nothing behind.
 */
export abstract class ArtifactStorage {
  /** Stores the bytes durably and returns their address. `name` is a lower-case hex hash and a suffix, such as `ab12….ndjson.gz`. */
  abstract put(name: string, bytes: Uint8Array): Promise<string>;
  abstract read(uri: string): Promise<Uint8Array>;
  abstract stream(uri: string): Readable;
}
