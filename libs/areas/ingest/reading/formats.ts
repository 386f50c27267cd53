import { sniffDelimiter } from './records/sniff-delimited.ts';

/** File formats that an upload may have (data.md 7.1). */
export const FORMATS = ['csv', 'tsv', 'psv', 'ndjson', 'json', 'parquet', 'arrow'] as const;
export type FileFormat = (typeof FORMATS)[number];

/** A zip is one file by its members. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'zip';

export interface DetectedFormat {
  readonly format: FileFormat;
  readonly compression: Compression;
  readonly mediaType: string;
}

const MEDIA_TYPES: Readonly<Record<FileFormat, string>> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  psv: 'text/csv',
  ndjson: 'application/x-ndjson',
  json: 'application/json',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
};
const ARCHIVE_TYPES: Readonly<Record<Exclude<Compression, 'none'>, string>> = {
  gzip: 'application/gzip',
  zstd: 'application/zstd',
  zip: 'application/zip',
};
const ARROW_MAGIC = 0x41;
const ARROW_FILE = 'application/vnd.apache.arrow.file';

/** Known by their first bytes, and not read: what they are, and what to send instead. */
const FOREIGN: readonly (readonly [magic: string, name: string, instead: string])[] = [
  ['FEA1', 'Feather version 1', 'write version 2 (the default of pyarrow and pandas) or Parquet'],
  ['\xd0\xcf\x11\xe0', 'an Excel workbook', 'save the sheet as CSV'],
  ['\x89HDF', 'HDF5', 'write Parquet or CSV'],
  ['ORC', 'ORC', 'write Parquet'],
  ['Obj\x01', 'Avro', 'write Parquet'],
  ['SQLite format 3', 'an SQLite database', 'export the table as CSV'],
  ['BZh', 'bzip2', 'compress with gzip, zstd or zip'],
  ['\xfd7zXZ', 'xz', 'compress with gzip, zstd or zip'],
  ['7z\xbc\xaf', 'a 7z archive', 'compress with gzip, zstd or zip'],
  ['Rar!', 'a RAR archive', 'compress with gzip, zstd or zip'],
  ['\x04\x22\x4d\x18', 'lz4', 'compress with gzip, zstd or zip'],
];

/** A sentence about a file of a known kind that is not read; null for any other. */
export function refusalOfForeign(head: Uint8Array): string | null {
  const first = Buffer.from(head.subarray(0, 16)).toString('latin1');
  const kind = FOREIGN.find(([magic]) => first.startsWith(magic));
  return kind ? `The file is ${kind[1]}, which is not read; ${kind[2]}.` : null;
}

export const DELIMITERS: Readonly<Record<'csv' | 'tsv' | 'psv', string>> = { csv: ',', tsv: '\t', psv: '|' };

/** A header of MetaStock text, such as `<TICKER>,<DATE>`: no markup has a delimiter between two elements. */
const METASTOCK = /^<\w+>[,;|\t]<\w+>/;

/** How the bytes are compressed, by their magic number. */
export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (
    head[0] === 0x50 &&
    head[1] === 0x4b &&
    ((head[2] === 0x03 && head[3] === 0x04) || (head[2] === 0x05 && head[3] === 0x06))
  )
    return 'zip';
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd ? 'zstd' : 'none';
}

/**
 * What the first bytes (after decompression) say; null for anything that is no table. Names and declared types are not
 * asked.
 */
export function detectFormat(head: Uint8Array, compression: Compression): DetectedFormat | null {
  const format = formatOf(head);
  if (format === null) return null;
  const plain = format === 'arrow' && head[0] === ARROW_MAGIC ? ARROW_FILE : MEDIA_TYPES[format];
  return { format, compression, mediaType: compression === 'none' ? plain : ARCHIVE_TYPES[compression] };
}

function formatOf(head: Uint8Array): FileFormat | null {
  const ascii = (from: number, to: number): string => String.fromCharCode(...head.subarray(from, to));
  if (ascii(0, 4) === 'PAR1') return 'parquet';
  // An IPC file, or a stream: continuation marker and the length of the schema message.
  if (ascii(0, 6) === 'ARROW1' || (head[0] === 0xff && head[1] === 0xff && head[2] === 0xff && head[3] === 0xff))
    return 'arrow';
  const text = decodeText(head);
  if (text === null) return null;
  const first = text.trimStart();
  // Lines of arrays, or one array.
  if (first.startsWith('[')) return /^\[[^\r\n]*\]\s*?\n\s*\[/.test(first) ? 'ndjson' : 'json';
  if (first.startsWith('{')) return /^\{\\rtf/.test(first) ? null : objectFormat(first);
  if (/^(<|%PDF|%!PS|#!)/.test(first) && !METASTOCK.test(first)) return null;
  return delimitedFormat(first);
}

/** The delimiter that fits the first lines best; semicolons are CSV too. */
function delimitedFormat(text: string): 'csv' | 'tsv' | 'psv' {
  const delimiter = sniffDelimiter(text);
  return delimiter === '\t' ? 'tsv' : delimiter === '|' ? 'psv' : 'csv';
}

/**
 * One object that holds the rows, or an object on each line: an object over several lines, or a single one with a list
 * or table in it, is the former.
 */
function objectFormat(text: string): 'json' | 'ndjson' {
  let depth = 0;
  let holds = false;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"?|[{}[\]\n]/g)) {
    if (token === '\n') return 'json';
    if (token === '{' || token === '[') {
      depth++;
      holds ||= depth > 1;
    } else if (token === '}' || token === ']') depth--;
    if (depth === 0) return holds && text.slice(index + 1).trim() === '' ? 'json' : 'ndjson';
  }
  return holds ? 'json' : 'ndjson';
}

/**
 * The text of a head, or null when its bytes are no text. A cut multi-byte character at the end is no harm; latin-1
 * letters are text.
 */
function decodeText(head: Uint8Array): string | null {
  const utf16 =
    head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : null;
  if (utf16) return new TextDecoder(utf16).decode(head.subarray(0, head.length & ~1));
  for (const byte of head)
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c) return null;
  return new TextDecoder('utf-8').decode(head);
}
