import { Readable } from 'node:stream';

/** From here on an object is stored in parts, each of this size but the last. S3 takes 10,000 of 5 MiB to 5 GiB. */
export const PART_BYTES = 8 * 1024 * 1024;

/** The bytes in pieces of `PART_BYTES`, the last one shorter; none for an empty body. */
export async function* partsOf(body: Readable | Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  if (!(body instanceof Readable)) {
    for (let at = 0; at < body.length; at += PART_BYTES) yield body.subarray(at, at + PART_BYTES);
    return;
  }
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    let rest = piece;
    while (bytes + rest.length >= PART_BYTES) {
      pieces.push(rest.subarray(0, PART_BYTES - bytes));
      rest = rest.subarray(PART_BYTES - bytes);
      yield Buffer.concat(pieces, PART_BYTES);
      pieces = [];
      bytes = 0;
    }
    if (rest.length > 0) pieces.push(rest);
    bytes += rest.length;
  }
  if (bytes > 0) yield Buffer.concat(pieces, bytes);
}
