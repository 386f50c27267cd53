import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable, Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Compression } from '../formats.ts';
import { DomainError } from '#kernel';

export const MAX_INFLATED = 8 * 1024 ** 3;
export const MAX_RATIO = 100;
/** Tiny files may compress better than 100:1 without harm. */
const FREE_BYTES = 10 * 1024 ** 2;

/** Bytes of a file, inflated if it is compressed. Throws 422 `archive_rejected` for a bomb while it streams. */
export async function openBytes(path: string, compression: Exclude<Compression, 'zip'>): Promise<Readable> {
  const file = createReadStream(path, { highWaterMark: 262_144 });
  if (compression === 'none') return file;
  const { size } = await stat(path);
  let inflated = 0;
  const guard = new Transform({
    transform(chunk: Buffer, _, done) {
      inflated += chunk.length;
      if (inflated > MAX_INFLATED || (inflated > FREE_BYTES && inflated > size * MAX_RATIO))
        done(
          new DomainError(422, 'archive_rejected', {
            detail: 'The archive inflates to more than 100 times its size or 8 GiB.',
          }),
        );
      else done(null, chunk);
    },
  });
  const inflate = compression === 'gzip' ? createGunzip() : createZstdDecompress();
  // Errors of any part destroy the last one, whose reader sees them.
  pipeline(file, inflate, guard, () => undefined);
  return guard;
}

/** Decodes bytes to text; a byte order mark decides before `encoding` does. */
export async function* decode(
  bytes: Readable,
  encoding: 'utf-8' | 'utf-16' | 'latin-1' | null,
): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    decoder ??= new TextDecoder(encodingOf(chunk, encoding));
    yield decoder.decode(chunk, { stream: true });
  }
  if (decoder) yield decoder.decode();
}

/** The same text as UTF-8 bytes: what is UTF-8 already passes untouched. */
export async function* utf8Bytes(
  bytes: Readable,
  encoding: 'utf-8' | 'utf-16' | 'latin-1' | null,
): AsyncGenerator<Buffer> {
  let decoder: InstanceType<typeof TextDecoder> | 'none' | undefined;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    if (decoder === undefined) {
      const name = encodingOf(chunk, encoding);
      decoder = name === 'utf-8' ? 'none' : new TextDecoder(name);
    }
    yield decoder === 'none' ? chunk : Buffer.from(decoder.decode(chunk, { stream: true }));
  }
}

export function encodingOf(head: Uint8Array, encoding: 'utf-8' | 'utf-16' | 'latin-1' | null): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (encoding === 'utf-16') return 'utf-16le';
  return encoding === 'latin-1' ? 'latin1' : 'utf-8';
}
