import { Readable } from 'node:stream';
import { SystemClock } from '#kernel';
import { DiskObjectStore } from '../disk-object-store.ts';

/** A process to be killed within a put: `node half-put.ts <root> <key>`. The second half never comes. */
const [, , root = '', key = ''] = process.argv;

async function* half(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(1024 * 1024, 'half');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}

await new DiskObjectStore(root, new SystemClock()).put(key, Readable.from(half()));
