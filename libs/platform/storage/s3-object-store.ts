import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { S3Settings } from '#platform/config';
import { objectKey } from './object-key.ts';
import { type ByteRange, ObjectStore, type PutOptions } from './object-store.ts';
import { PART_BYTES, partsOf } from './parts.ts';
import { S3Bucket, statusOf } from './s3-bucket.ts';
import { multipartUpload } from './s3-multipart.ts';
import { ObjectExistsError, ObjectMissingError, StorageUnavailableError } from './storage-errors.ts';

/**
 * Objects in a bucket of S3 or what speaks its protocol (data.md 6.11). Up to 8 MiB one request, from there on in
 * parts, of which at most three are in memory.
 */
export class S3ObjectStore extends ObjectStore implements OnApplicationShutdown {
  readonly #bucket: S3Bucket;

  constructor(settings: S3Settings) {
    super();
    this.#bucket = new S3Bucket(settings);
  }

  async put(key: string, body: Readable | Uint8Array, options: PutOptions = {}): Promise<{ bytes: number }> {
    const target = { ...this.#target(key), ...(options.ifAbsent ? { IfNoneMatch: '*' } : {}) };
    const parts = partsOf(body);
    try {
      const first = await parts.next();
      const head = first.done ? new Uint8Array() : first.value;
      if (head.length < PART_BYTES) {
        await this.#bucket.call(async (client) => client.send(new PutObjectCommand({ ...target, Body: head })));
        return { bytes: head.length };
      }
      // Worth a question beside as many bytes; only the condition on the completion decides.
      if (options.ifAbsent && (await this.stat(key))) throw new ObjectExistsError(key);
      return { bytes: await multipartUpload(this.#bucket, target, head, parts) };
    } catch (error) {
      throw await this.#refused(key, error);
    } finally {
      await parts.return();
      if (body instanceof Readable) body.destroy();
    }
  }

  get(key: string, range?: ByteRange): Promise<Readable> {
    return this.#read(key, range);
  }

  async copyTo(key: string, path: string, signal?: AbortSignal): Promise<void> {
    try {
      const body = await this.#read(key, undefined, signal);
      await pipeline(body, createWriteStream(path, { flags: 'wx' }), { ...(signal && { signal }) });
    } catch (error) {
      // A request that was broken off looks like a storage that is away.
      signal?.throwIfAborted();
      throw error;
    }
  }

  async stat(key: string): Promise<{ bytes: number } | null> {
    const target = this.#target(key);
    try {
      const { ContentLength } = await this.#bucket.call(async (client) => client.send(new HeadObjectCommand(target)));
      return { bytes: ContentLength ?? 0 };
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      // The answer to HEAD has no body, so it does not say whether the object or the bucket is missing.
      await this.probe();
      return null;
    }
  }

  async delete(key: string): Promise<void> {
    const target = this.#target(key);
    await this.#bucket.call(async (client) => client.send(new DeleteObjectCommand(target)));
  }

  async probe(signal?: AbortSignal): Promise<void> {
    try {
      await this.#bucket.call(async (client) =>
        client.send(new HeadBucketCommand({ Bucket: this.#bucket.name }), { ...(signal && { abortSignal: signal }) }),
      );
    } catch (error) {
      throw error instanceof StorageUnavailableError
        ? error
        : this.#bucket.away(error, statusOf(error) === 404 ? 'NoSuchBucket' : undefined);
    }
  }

  onApplicationShutdown(): void {
    this.#bucket.close();
  }

  async #read(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Readable> {
    const target = this.#target(key);
    const Range = range && `bytes=${range.from}-${range.to ?? ''}`;
    try {
      const { Body } = await this.#bucket.call(async (client) =>
        client.send(new GetObjectCommand({ ...target, Range }), { ...(signal && { abortSignal: signal }) }),
      );
      return guarded(Body as Readable);
    } catch (error) {
      if (statusOf(error) === 404) throw new ObjectMissingError(key, error);
      if (statusOf(error) === 416) return Readable.from([]);
      throw error;
    }
  }

  #target(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket.name, Key: this.#bucket.prefix + objectKey(key) };
  }

  /**
   * 412: the condition does not hold. 409: another put of the key was under way, and may have won or failed. 404: the
   * parts are gone, as they are when a completion came through whose answer did not, and the client sent it again.
   */
  async #refused(key: string, error: unknown): Promise<unknown> {
    if (statusOf(error) === 412) return new ObjectExistsError(key, error);
    if (statusOf(error) === 404) return new StorageUnavailableError(error);
    if (statusOf(error) !== 409) return error;
    return (await this.stat(key)) ? new ObjectExistsError(key, error) : new StorageUnavailableError(error);
  }
}

/** The body of an answer; a connection that breaks off in the middle is the storage's absence. */
function guarded(body: Readable): Readable {
  const stream = Readable.from(named(body), { objectMode: false });
  // Nobody may ever have read from it.
  return stream.once('close', () => body.destroy());
}

async function* named(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* body as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new StorageUnavailableError(error);
  }
}
