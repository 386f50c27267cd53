import { parse } from 'csv-parse/sync';
import { sideBySide } from './source-columns.ts';
import type { ParseOptions } from './source-record.ts';

/** Characters of the head that are looked at. */
export const SNIFF_CHARS = 65_536;
const SAMPLE_LINES = 200;
const DELIMITERS = [',', ';', '\t', '|'];
/** Fewer cells than that make no table with lines above its header. */
const TABLE_CELLS = 3;
const NUMBER = /^[+-]?(\d[\d.,' ]*|[.,]\d+)([eE][+-]?\d+)?%?$/;
const MOMENT = /^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}([T ,]+\d{1,2}:\d{2}.*)?$|^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/;

interface Line {
  record: string[];
  info: { lines: number };
}

interface Table {
  readonly delimiter: string;
  readonly score: number;
  readonly lines: readonly Line[];
  /** Lines above the table. */ readonly skipped: number;
}

/** How a delimited text is laid out, by its first lines. */
export interface DelimitedLayout {
  readonly delimiter: string;
  /** Physical line with which the table begins: after lines that are skipped, blank ones, comments and titles. */
  readonly firstLine: number;
  /** Records that name the columns; 0 without a header, 2 or 3 for those of yfinance. */
  readonly headerRecords: number;
  /** Names as written, empty ones where there is no header. */
  readonly names: readonly string[];
  readonly symbol: string | null;
}

/** The delimiter that the first lines of a text are cut by best. */
export function sniffDelimiter(head: string): string {
  return bestTable(head, null, { quote: '"', escape: '"', skipRows: 0 }).delimiter;
}

/**
 * Reads the layout off the head of a text. `delimiter`: null is found out. Throws 422 `bad_input` for several symbols
 * side by side.
 */
export function sniffDelimited(
  head: string,
  delimiter: string | null,
  options: Pick<ParseOptions, 'quote' | 'escape' | 'header' | 'skipRows'>,
): DelimitedLayout {
  const { delimiter: best, lines, skipped } = bestTable(head, delimiter, options);
  const records = lines.slice(skipped).map(({ record }) => record.map((cell) => cell.trim()));
  const firstLine = skipped === 0 ? options.skipRows + 1 : lines[skipped - 1]!.info.lines + 1;
  const stacked = options.header === false ? null : stackedHeader(records);
  if (stacked) return { delimiter: best, firstLine, ...stacked };
  const headed = options.header ?? !isData(records[0] ?? []);
  const names = headed ? withoutTail(records[0] ?? [], records.slice(1)) : (records[0] ?? []).map(() => '');
  return { delimiter: best, firstLine, headerRecords: headed && records.length > 0 ? 1 : 0, names, symbol: null };
}

function bestTable(
  head: string,
  delimiter: string | null,
  options: Pick<ParseOptions, 'quote' | 'escape' | 'skipRows'>,
): Table {
  return (delimiter === null ? DELIMITERS : [delimiter])
    .map((candidate) => readTable(head, candidate, options))
    .reduce((first, second) => (second.score > first.score ? second : first));
}

function readTable(
  head: string,
  delimiter: string,
  options: Pick<ParseOptions, 'quote' | 'escape' | 'skipRows'>,
): Table {
  const lines = parseHead(head, delimiter, options);
  const counts = new Map<number, number>();
  for (const { record } of lines) counts.set(record.length, (counts.get(record.length) ?? 0) + 1);
  const [cells, rows] = [...counts].reduce(
    (most, next) => (next[1] > most[1] || (next[1] === most[1] && next[0] > most[0]) ? next : most),
    [0, 0],
  );
  const isTable = cells >= TABLE_CELLS;
  const filled = ({ record }: Line): number => record.filter((cell) => cell.trim() !== '').length;
  // Rows may end in empty cells that no header names.
  const usual = lines.map(filled).sort((a, b) => a - b)[lines.length >> 1] ?? 0;
  let skipped = 0;
  while (
    isTable &&
    skipped < lines.length - 1 &&
    (filled(lines[skipped]!) * 2 < usual || isComment(lines[skipped]!.record, cells))
  )
    skipped++;
  if (cells < 2) return { delimiter, score: 0, lines, skipped: 0 };
  const values = lines.slice(skipped + 1).flatMap(({ record }) => record.map((cell) => cell.trim()));
  return {
    delimiter,
    score:
      2 * (rows / lines.length) +
      (values.length === 0 ? 0 : values.filter((cell) => cell === '' || isValue(cell)).length / values.length) +
      Math.min(cells, 50) / 1_000,
    lines,
    skipped,
  };
}

/** Whole records of the head. A quotation that the head cuts off ends them early. */
function parseHead(
  head: string,
  delimiter: string,
  { quote, escape, skipRows }: Pick<ParseOptions, 'quote' | 'escape' | 'skipRows'>,
): Line[] {
  const whole =
    head.length < SNIFF_CHARS
      ? head
      : head.slice(0, Math.max(head.lastIndexOf('\n'), head.lastIndexOf('\r')) + 1 || head.length);
  const lines: Line[] = [];
  try {
    parse(whole, {
      delimiter,
      quote: quote === '' ? false : quote,
      escape,
      from_line: skipRows + 1,
      bom: true,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      to: SAMPLE_LINES,
      onRecord: (line) => {
        lines.push(line as unknown as Line);
        return null;
      },
    });
  } catch {
    // What is wrong further down the reader itself says, with its line.
    return lines;
  }
  return lines;
}

function isComment(record: readonly string[], cells: number): boolean {
  return /^\s*(#|\/\/)/.test(record[0] ?? '') && record.length !== cells;
}

function isValue(cell: string): boolean {
  return NUMBER.test(cell) || MOMENT.test(cell);
}

/**
 * Whether a first line holds a row: names are words. A line of values is a row. The numbers that pandas gives to
 * nameless columns, 0, 1, 2, are names.
 */
export function isData(record: readonly string[]): boolean {
  const cells = record.filter((cell) => cell !== '');
  if (cells.length > 1 && cells.every((cell, i) => cell === String(i))) return false;
  const values = cells.filter((cell) => isValue(cell)).length;
  return values >= 2 && values * 2 >= cells.length;
}

/** Delimiters after the last name name no columns when nothing stands below them. */
function withoutTail(names: readonly string[], rows: readonly (readonly string[])[]): string[] {
  let length = names.length;
  while (length > 1 && names[length - 1] === '' && rows.every((row) => (row[length - 1] ?? '') === '')) length--;
  return names.slice(0, length);
}

/**
 * The header of yfinance: a line of prices, a line of tickers (first or second), and one that names the date, which may
 * be missing.
 */
function stackedHeader(
  records: readonly (readonly string[])[],
): Pick<DelimitedLayout, 'headerRecords' | 'names' | 'symbol'> | null {
  const [first = [], second = [], third = []] = records;
  if (first.length < TABLE_CELLS || second.length !== first.length) return null;
  const label = (record: readonly string[]): string => (record[0] ?? '').toLowerCase();
  const dated =
    third.length > 0 &&
    label(third) !== '' &&
    third.slice(1).every((cell) => cell === '') &&
    third.length === first.length;
  const names = label(first) === 'ticker' ? second : first;
  const tickers = (names === first ? second : first).slice(1);
  const labelled = label(first) === 'ticker' || label(second) === 'ticker';
  // Without its labels only a line of tickers between the names and the date, or one that repeats a single word, can be
  // meant.
  const meant =
    labelled ||
    (label(second) === '' && !tickers.includes('') && !tickers.some(isValue) && (dated || new Set(tickers).size === 1));
  if (!meant || isData(names.slice(1))) return null;
  const symbols = [...new Set(tickers.filter((cell) => cell !== ''))];
  if (symbols.length > 1) throw sideBySide(symbols);
  const date = dated ? third[0]! : labelled ? '' : first[0]!;
  return { headerRecords: dated ? 3 : 2, names: [date, ...names.slice(1)], symbol: symbols[0] ?? null };
}
