import type { Readable } from 'node:stream';

/** Bytes `from` to `to`, both inclusive and counted from 0; without `to` up to the end. */
export interface ByteRange {
  from: number;
  to?: number;
}

export interface PutOptions {
  /** Store only where nothing is: otherwise `ObjectExistsError`, and what is there stays. */
  ifAbsent?: boolean;
}

/**
 * Keyed bytes (data.md 6.11); drivers: disk, below ALPHASWARM_DATA_DIR, and S3. A key is segments of letters, digits
 * and `._=+@-` that begin with a letter or digit, joined by `/`; no key is the folder of another. An object is there
 * whole or not at all: a put that fails, or whose process is killed, leaves what was there before. Every method throws
 * `StorageUnavailableError` where the storage does not answer.
 */
export abstract class ObjectStore {
  /** Replaces what is there unless `ifAbsent`. Resolves when the bytes are durable. A stream is read to its end. */
  abstract put(key: string, body: Readable | Uint8Array, options?: PutOptions): Promise<{ bytes: number }>;
  /** Throws `ObjectMissingError`. A range that begins behind the end is empty. */
  abstract get(key: string, range?: ByteRange): Promise<Readable>;
  /**
   * Makes this file, which is new and must not be written to, of the object. Throws `ObjectMissingError`, and the
   * reason of a signal that aborts; what is there of the file then is no use.
   */
  abstract copyTo(key: string, path: string, signal?: AbortSignal): Promise<void>;
  abstract stat(key: string): Promise<{ bytes: number } | null>;
  /** No error where there is nothing. */
  abstract delete(key: string): Promise<void>;
  /** Throws `StorageUnavailableError` unless objects can be stored; ends early when the signal aborts. */
  abstract probe(signal?: AbortSignal): Promise<void>;
}
