import { open } from 'node:fs/promises';
import { DomainError } from '#kernel';
import {
  compressionOf,
  type DetectedFormat,
  detectFormat,
  type FileFormat,
  refusalOfForeign,
} from './reading/formats.ts';
import { openArchive } from './reading/records/archive.ts';
import { openBytes } from './reading/records/byte-source.ts';

const HEAD_BYTES = 65_536;

/** What the content is. Throws 415 `unsupported_media_type`, 422 `archive_rejected` and `bad_input` for archives. */
export async function detectContent(path: string): Promise<DetectedFormat> {
  const head = await firstBytes(path);
  const compression = compressionOf(head);
  if (compression === 'zip') return { format: await formatOfMembers(path), compression, mediaType: 'application/zip' };
  const inner = compression === 'none' ? head : await firstInflated(path, compression);
  const detected = inner && detectFormat(inner, compression);
  if (detected) return detected;
  throw unsupported(
    refusalOfForeign(inner ?? head) ??
      'The content is none of CSV, TSV, PSV, NDJSON, JSON, Parquet, Arrow, plain or as gzip, zstd or zip.',
  );
}

/** The format of the first member; the others may have another. */
async function formatOfMembers(path: string): Promise<FileFormat> {
  const archive = await openArchive(path);
  archive.close();
  const [first] = archive.members;
  if (first) return first.format;
  const isWorkbook = archive.skipped.some((name) => name.startsWith('xl/'));
  throw unsupported(
    isWorkbook
      ? 'The file is an Excel workbook, which is not read; save the sheet as CSV.'
      : 'No member of the archive is one of CSV, TSV, PSV, NDJSON, JSON.',
  );
}

function unsupported(detail: string): DomainError {
  return new DomainError(415, 'unsupported_media_type', { detail });
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Null when the bytes are not what their magic number says. */
async function firstInflated(path: string, compression: 'gzip' | 'zstd'): Promise<Uint8Array | null> {
  const inflated = await openBytes(path, compression);
  try {
    for await (const chunk of inflated as AsyncIterable<Buffer>) return chunk.subarray(0, HEAD_BYTES);
    return new Uint8Array(0);
  } catch {
    return null;
  } finally {
    inflated.destroy();
  }
}
