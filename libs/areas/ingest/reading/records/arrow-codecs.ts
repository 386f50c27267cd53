import { zstdDecompressSync } from 'node:zlib';
import { compressionRegistry, CompressionType } from 'apache-arrow';
import { decompressFrameSync } from 'lz4-napi';

const MAX_BUFFER_BYTES = 1024 ** 3;
const LENGTH_PREFIX = 8;
const LZ4_MAGIC = 0x184d2204;
const LZ4_HEADER = 7;
const CONTENT_SIZE = 0x08;
const DICTIONARY_ID = 0x01;
const BLOCK_CHECKSUM = 0x10;
const UNCOMPRESSED_BLOCK = 0x8000_0000;
const SIZE_CODE_OF_64_KIB = 4;

/** Lets the Arrow reader inflate the buffers that pyarrow, pandas and polars compress. */
export function registerArrowCodecs(): void {
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (data) => whole(data, inflateLz4(data)) });
  compressionRegistry.set(CompressionType.ZSTD, {
    decode: (data) => whole(data, zstdDecompressSync(data, { maxOutputLength: MAX_BUFFER_BYTES })),
  });
}

/**
 * The length that a buffer declares stands right before what the reader hands on of it; a cut frame may inflate to
 * less.
 */
function whole(data: Uint8Array, inflated: Uint8Array): Uint8Array {
  const declared = new DataView(data.buffer, data.byteOffset - LENGTH_PREFIX, LENGTH_PREFIX).getBigInt64(0, true);
  if (BigInt(inflated.length) !== declared)
    throw new RangeError('a buffer inflates to another length than it declares');
  return inflated;
}

function inflateLz4(data: Uint8Array): Uint8Array {
  const frame = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (mostOf(frame) > MAX_BUFFER_BYTES) throw new RangeError('an LZ4 frame inflates to more than 1 GiB');
  return decompressFrameSync(frame);
}

/** The most that a frame can inflate to, by its blocks: the library allocates without asking (LZ4 frame format 1.6). */
function mostOf(frame: Buffer): number {
  if (frame.readUInt32LE(0) !== LZ4_MAGIC) throw new RangeError('no LZ4 frame');
  const flags = frame.readUInt8(4);
  const blockBytes = 4 ** (((frame.readUInt8(5) >> 4) & 7) - SIZE_CODE_OF_64_KIB) * 65_536;
  let at = LZ4_HEADER + (flags & CONTENT_SIZE ? 8 : 0) + (flags & DICTIONARY_ID ? 4 : 0);
  let most = 0;
  for (;;) {
    const block = frame.readUInt32LE(at);
    if (block === 0) return most;
    const length = block % UNCOMPRESSED_BLOCK;
    most += block >= UNCOMPRESSED_BLOCK ? length : Math.min(blockBytes, length * 255);
    at += 4 + length + (flags & BLOCK_CHECKSUM ? 4 : 0);
  }
}
