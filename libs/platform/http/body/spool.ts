import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request } from 'express';
import { payloadTooLarge } from './body-headers.ts';

/** A request body on disk. Removed once the request is answered. */
export interface Spooled {
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex, of the bytes as sent. */
  readonly sha256: string;
  /** As the caller names it; what it really is, the content says. */
  readonly contentType: string | null;
}

export async function spool(request: Request, directory: string, maxBytes: number): Promise<Spooled> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, randomUUID());
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(bytes > maxBytes ? payloadTooLarge(maxBytes) : null, chunk);
    },
  });
  try {
    // The iterator leaves the socket alone when we stop reading: the caller must still get its 413.
    await pipeline(request.iterator({ destroyOnReturn: false }), meter, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    await discard(path);
    throw error;
  }
  return { path, bytes, sha256: hash.digest('hex'), contentType: request.get('content-type') ?? null };
}

export async function discard(path: string): Promise<void> {
  await rm(path, { force: true });
}
