/** File formats that an upload may have. */
export const FORMATS = ['csv', 'tsv', 'psv', 'ndjson', 'json', 'parquet', 'arrow'] as const;
export type FileFormat = (typeof FORMATS)[number];

export type Compression = 'none' | 'gzip' | 'zstd';

export interface DetectedFormat {
  readonly format: FileFormat;
  readonly compression: Compression;
  readonly mediaType: string;
}

const MEDIA_TYPES: Readonly<Record<FileFormat, string>> = {
  csv: 'text/csv', tsv: 'text/tab-separated-values', psv: 'text/csv', ndjson: 'application/x-ndjson', json: 'application/json',
  parquet: 'application/vnd.apache.parquet', arrow: 'application/vnd.apache.arrow.stream',
};

export const DELIMITERS: Readonly<Record<'csv' | 'tsv' | 'psv', string>> = { csv: ',', tsv: '\t', psv: '|' };

/** A header of MetaStock text, such as `<TICKER>,<DATE>`: no markup has a delimiter between two elements. */
const METASTOCK = /^<\w+>[,;|\t]<\w+>/;

/** How the bytes are compressed, by their magic number. */
export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd ? 'zstd' : 'none';
}

/** What the first bytes (after decompression) say; null for anything that is no table. Names and declared types are not asked. */
export function detectFormat(head: Uint8Array, compression: Compression): DetectedFormat | null {
  const format = formatOf(head);
  return format && { format, compression, mediaType: compression === 'none' ? MEDIA_TYPES[format] : `application/${compression}` };
}

function formatOf(head: Uint8Array): FileFormat | null {
  const ascii = (from: number, to: number): string => String.fromCharCode(...head.subarray(from, to));
  if (ascii(0, 4) === 'PAR1') return 'parquet';
  // An IPC file, or a stream: continuation marker and the length of the schema message.
  if (ascii(0, 6) === 'ARROW1' || (head[0] === 0xff && head[1] === 0xff && head[2] === 0xff && head[3] === 0xff)) return 'arrow';
  const text = decodeText(head);
  if (text === null) return null;
  const first = text.trimStart();
  if (first.startsWith('[')) return 'json';
  if (first.startsWith('{')) return /^\{\\rtf/.test(first) ? null : 'ndjson';
  if (/^(<|%PDF|%!PS|#!)/.test(first) && !METASTOCK.test(first)) return null;
  return delimitedFormat(first);
}

function delimitedFormat(text: string): 'csv' | 'tsv' | 'psv' {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  const count = (delimiter: string): number => header.split(delimiter).length;
  if (count('\t') > count(',') && count('\t') >= count('|')) return 'tsv';
  return count('|') > count(',') ? 'psv' : 'csv';
}

/** The text of a head, or null when its bytes are no text. A cut multi-byte character at the end is no harm; latin-1 letters are text. */
function decodeText(head: Uint8Array): string | null {
  const utf16 = head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : null;
  if (utf16) return new TextDecoder(utf16).decode(head.subarray(0, head.length & ~1));
  for (const byte of head) if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c) return null;
  return new TextDecoder('utf-8').decode(head);
}
