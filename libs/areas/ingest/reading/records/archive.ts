import { stat } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { DomainError } from '#kernel';
import { compressionOf, type DetectedFormat, detectFormat } from '../formats.ts';
import { MAX_INFLATED, MAX_RATIO } from './byte-source.ts';
import { badInput } from './source-record.ts';

const MAX_ENTRIES = 2_000;
const HEAD_BYTES = 65_536;
/** Tiny members may compress better than 100:1 without harm. */
const FREE_BYTES = 1_048_576;
const UNSAFE_NAME = /^(absolute path|invalid relative path|invalid characters in fileName)/;
const STORED = 0;
const DEFLATED = 8;
/** Names of what is no data, whatever it looks like. */
const OTHER_KIND =
  /(^|\/)(__MACOSX\/|\.|readme|licen[cs]e|notice|changelog|checksums?\b)|\.(md|rst|html?|xml|rels|pdf|docx?|xlsx?|xls|sql|py|ipynb|log|sha\d*|md5|asc|sig)$/i;
/** Archives within archives, which have no magic number that tells a compressed text. */
const NESTED = /\.(zip|gz|tgz|zst|bz2|xz|7z|rar|tar|jar)$/i;

/** A member that holds a table, by its first bytes. */
export interface Member {
  readonly name: string;
  readonly format: DetectedFormat['format'];
  /** Inflated bytes. */
  readonly size: number;
  /** Its bytes, checked against the length and checksum of the directory. */
  readonly open: () => Promise<Readable>;
}

export interface Archive {
  /** In the order of their names. */
  readonly members: readonly Member[];
  /** Files that are no tables. */
  readonly skipped: readonly string[];
  readonly close: () => void;
}

/**
 * Opens a zip of one level. Throws 422 `archive_rejected` for a bomb, unsafe names and nested or encrypted archives,
 * `bad_input` for damage.
 */
export async function openArchive(path: string): Promise<Archive> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((error: unknown) => {
    throw asRefusal(error);
  });
  try {
    const entries = await safeEntries(zip, (await stat(path)).size);
    const members: Member[] = [];
    const skipped: string[] = [];
    for (const entry of entries) {
      const format = await formatOf(zip, entry);
      if (format === null) skipped.push(entry.fileName);
      else
        members.push({
          name: entry.fileName,
          format: format.format,
          size: entry.uncompressedSize,
          open: () => openMember(zip, entry),
        });
    }
    return { members, skipped, close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw asRefusal(error);
  }
}

/** Files of the directory in the order of their names, none of which is a threat by what the directory says. */
async function safeEntries(zip: ZipFile, size: number): Promise<Entry[]> {
  if (zip.entryCount > MAX_ENTRIES)
    throw rejected(`The archive has ${zip.entryCount} entries; at most ${MAX_ENTRIES} are read.`);
  const entries: Entry[] = [];
  let inflated = 0;
  for await (const entry of zip.eachEntry()) {
    if (entries.length > MAX_ENTRIES) throw rejected(`The archive has more than ${MAX_ENTRIES} entries.`);
    checkEntry(entry);
    inflated += entry.uncompressedSize;
    if (inflated > MAX_INFLATED || (inflated > FREE_BYTES && inflated > size * MAX_RATIO))
      throw rejected('The archive inflates to more than 100 times its size or 8 GiB.');
    if (!entry.fileName.endsWith('/')) entries.push(entry);
  }
  return entries.sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
}

function checkEntry(entry: Entry): void {
  const { fileName: name, uncompressedSize, compressedSize } = entry;
  if (name.includes('\0') || isLink(entry))
    throw rejected(`The entry ${JSON.stringify(name)} is a link or has an unsafe name.`);
  if (entry.isEncrypted()) throw rejected(`The entry ${name} is encrypted.`);
  if (NESTED.test(name)) throw rejected(`The entry ${name} is an archive itself; one level is read.`);
  if (uncompressedSize > FREE_BYTES && uncompressedSize > compressedSize * MAX_RATIO)
    throw rejected(`The entry ${name} inflates to more than 100 times its size.`);
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)
    throw rejected(
      `The entry ${name} is compressed by method ${entry.compressionMethod}; stored and deflated ones are read.`,
    );
}

/** Unix keeps the kind of a file in the upper half of the attributes. */
function isLink({ versionMadeBy, externalFileAttributes }: Entry): boolean {
  return versionMadeBy >> 8 === 3 && ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;
}

async function formatOf(zip: ZipFile, entry: Entry): Promise<DetectedFormat | null> {
  if (entry.uncompressedSize === 0) return null;
  const head = await headOf(await openMember(zip, entry), entry.fileName);
  if (compressionOf(head) !== 'none')
    throw rejected(`The entry ${entry.fileName} is an archive itself; one level is read.`);
  return OTHER_KIND.test(entry.fileName) ? null : detectFormat(head, 'none');
}

async function headOf(bytes: Readable, name: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= HEAD_BYTES) break;
    }
  } catch (error) {
    throw damaged(name, error);
  } finally {
    bytes.destroy();
  }
  return Buffer.concat(chunks).subarray(0, HEAD_BYTES);
}

/** The library checks lengths; the checksum is checked here. Every fault is the archive's. */
async function openMember(zip: ZipFile, entry: Entry): Promise<Readable> {
  const bytes = await zip.openReadStreamPromise(entry).catch((error: unknown) => {
    throw damaged(entry.fileName, error);
  });
  let sum = 0;
  const guard = new Transform({
    transform(chunk: Buffer, _, done) {
      sum = crc32(chunk, sum);
      done(null, chunk);
    },
    flush(done) {
      done(sum === entry.crc32 ? null : damaged(entry.fileName));
    },
  });
  bytes.once('error', (error) => guard.destroy(damaged(entry.fileName, error)));
  guard.once('close', () => bytes.destroy());
  return bytes.pipe(guard);
}

function damaged(name: string, cause?: unknown): Error {
  return cause instanceof DomainError || (cause instanceof Error && 'syscall' in cause)
    ? cause
    : badInput(`The member ${name} of the archive is damaged or cut off.`, cause);
}

function rejected(detail: string): DomainError {
  return new DomainError(422, 'archive_rejected', { detail });
}

/** Errors of the library are about the archive, but for those of the machine. */
function asRefusal(error: unknown): unknown {
  if (error instanceof DomainError || !(error instanceof Error) || 'syscall' in error) return error;
  return UNSAFE_NAME.test(error.message)
    ? rejected(`The archive has an entry with an unsafe name (${error.message}).`)
    : badInput('The archive is damaged or cut off.', error);
}
