import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
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
  const file = await open(path, 'wx', 0o600);
  try {
    // The iterator leaves the socket alone when we stop reading: the caller must still get its 413.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw payloadTooLarge(maxBytes);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } catch (error) {
    await discard(path);
    throw error;
  } finally {
    await file.close();
  }
  return { path, bytes, sha256: hash.digest('hex'), contentType: request.get('content-type') ?? null };
}

export async function discard(path: string): Promise<void> {
  await rm(path, { force: true });
}
