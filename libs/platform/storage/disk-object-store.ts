import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, constants, access, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { OnModuleInit } from '@nestjs/common';
import { type Clock, newId } from '#kernel';
import { removeAbandoned } from '#platform/host';
import { objectKey } from './object-key.ts';
import { type ByteRange, ObjectStore, type PutOptions } from './object-store.ts';
import { ObjectExistsError, ObjectMissingError, StorageUnavailableError } from './storage-errors.ts';

/** Begins with a dot, so nothing below it is a key. */
const STAGING = '.staging';
/** No put takes as long. */
const MAX_PUT_MS = 2 * 3_600_000;
const MISSING: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);
/** What a full, detached or forbidden disk answers; the rest are faults of ours. */
const AWAY: ReadonlySet<unknown> = new Set(
  'EACCES EPERM EROFS EIO ENOSPC EDQUOT EMFILE ENFILE ESTALE ETIMEDOUT ENODEV ENXIO'.split(' '),
);

/** Objects as files below one directory, each under its key (data.md 6.11). */
export class DiskObjectStore extends ObjectStore implements OnModuleInit {
  readonly #root: string;
  readonly #clock: Clock;

  constructor(root: string, clock: Clock) {
    super();
    this.#root = root;
    this.#clock = clock;
  }

  /** Halves of objects whose process was killed. */
  async onModuleInit(): Promise<void> {
    await removeAbandoned(join(this.#root, STAGING), this.#clock.now(), MAX_PUT_MS);
  }

  async put(key: string, body: Readable | Uint8Array, options: PutOptions = {}): Promise<{ bytes: number }> {
    // It may break before it is read; whoever reads it is told, but an error that nobody hears ends the process.
    if (body instanceof Readable) body.on('error', () => undefined);
    try {
      const target = this.#path(key);
      if (options.ifAbsent && (await this.stat(key))) throw new ObjectExistsError(key);
      return await this.#write(key, target, body, options);
    } catch (error) {
      throw outcome(error);
    } finally {
      if (body instanceof Readable) body.destroy();
    }
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    try {
      const file = await open(this.#path(key), 'r');
      try {
        const found = await file.stat();
        if (!found.isFile()) throw new ObjectMissingError(key);
        if (range === undefined || range.from < found.size)
          return file.createReadStream({
            start: range?.from ?? 0,
            ...(range?.to === undefined ? {} : { end: range.to }),
          });
      } catch (error) {
        await file.close();
        throw error;
      }
      await file.close();
      return Readable.from([]);
    } catch (error) {
      throw isMissing(error) ? new ObjectMissingError(key, error) : outcome(error);
    }
  }

  async copyTo(key: string, path: string, signal?: AbortSignal): Promise<void> {
    const source = this.#path(key);
    signal?.throwIfAborted();
    try {
      // A second name for the same bytes costs nothing; another file system needs a copy.
      await link(source, path).catch(async (error: unknown) => {
        if (!['EXDEV', 'EPERM', 'ENOTSUP'].includes(String(codeOf(error)))) throw error;
        await pipeline(createReadStream(source), createWriteStream(path, { flags: 'wx' }), {
          ...(signal && { signal }),
        });
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw isMissing(error) ? new ObjectMissingError(key, error) : outcome(error);
    }
  }

  async stat(key: string): Promise<{ bytes: number } | null> {
    try {
      const found = await stat(this.#path(key));
      return found.isFile() ? { bytes: found.size } : null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw outcome(error);
    }
  }

  async delete(key: string): Promise<void> {
    try {
      if (await this.stat(key)) await rm(this.#path(key), { force: true });
    } catch (error) {
      throw outcome(error);
    }
  }

  async probe(): Promise<void> {
    try {
      await mkdir(this.#root, { recursive: true });
      await access(this.#root, constants.R_OK | constants.W_OK);
    } catch (error) {
      throw new StorageUnavailableError(error);
    }
  }

  /** Written aside, flushed and moved: a killed process leaves no half file under the key. */
  async #write(
    key: string,
    target: string,
    body: Readable | Uint8Array,
    options: PutOptions,
  ): Promise<{ bytes: number }> {
    await mkdir(join(this.#root, STAGING), { recursive: true });
    const aside = join(this.#root, STAGING, newId());
    try {
      const bytes = await this.#fill(aside, body);
      await mkdir(dirname(target), { recursive: true });
      if (options.ifAbsent) await linkOnce(key, aside, target);
      else await rename(aside, target);
      await this.#flushFolders(target);
      return { bytes };
    } finally {
      await rm(aside, { force: true });
    }
  }

  async #fill(aside: string, body: Readable | Uint8Array): Promise<number> {
    const file = await open(aside, 'wx');
    try {
      let bytes = 0;
      for await (const piece of pieces(body)) {
        await writeAll(file, piece);
        bytes += piece.length;
      }
      await file.sync();
      return bytes;
    } finally {
      await file.close();
    }
  }

  /** A new name outlives a loss of power only when its folder, and every folder that may be new, is flushed too. */
  async #flushFolders(target: string): Promise<void> {
    if (process.platform === 'win32') return;
    const folders = relative(this.#root, dirname(target)).split(sep);
    for (let depth = folders.length; depth >= 0; depth--) {
      const folder = await open(join(this.#root, ...folders.slice(0, depth)), 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    }
  }

  #path(key: string): string {
    return join(this.#root, ...objectKey(key).split('/'));
  }
}

async function* pieces(body: Readable | Uint8Array): AsyncGenerator<Uint8Array> {
  if (body instanceof Readable) yield* body as AsyncIterable<Uint8Array>;
  else yield body;
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length;) at += (await file.write(piece, at)).bytesWritten;
}

/** A second link to the same file fails where the name is taken, unlike a move. */
async function linkOnce(key: string, aside: string, target: string): Promise<void> {
  try {
    await link(aside, target);
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? new ObjectExistsError(key, error) : error;
  }
}

function isMissing(error: unknown): boolean {
  return MISSING.has(codeOf(error));
}

function outcome(error: unknown): unknown {
  return AWAY.has(codeOf(error)) ? new StorageUnavailableError(error) : error;
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
