import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { EXCHANGES } from '#kernel';
import { detectFormat, type FileFormat } from './formats.ts';
import { inspectBars } from './inspect-bars.ts';
import { type BarFile, readBars, type ReadOutcome } from './read-bars.ts';
import { SymbolTexts } from './symbol-texts.ts';
import { parseNumber } from './values/parse-number.ts';
import { parseTimeOfDay } from './values/time-of-day.ts';
import { parseWritten, toInstant } from './values/parse-timestamp.ts';
import { compileDateFormat } from './values/date-format.ts';

const PARSE = { delimiter: null, quote: '"', escape: '"', encoding: null, header: true, skipRows: 0 };
const RULES = {
  timezone: null,
  fold: null,
  nullTokens: ['', 'NA'],
  thousands: null,
  decimal: '.',
  epochUnit: null,
  dateFormat: null,
  label: 'start' as const,
  exchange: null,
  suffixes: {},
  session: 'warn' as const,
  intervals: ['1d', '1w', '1m', '5m'] as const,
  exchanges: EXCHANGES,
  negativeAllowed: [],
  knownSymbols: null,
  now: Date.parse('2026-01-05T12:00:00Z'),
};
const HEADER = 'Date,Open,High,Low,Close,Volume\n';

/**
 * Written by pyarrow: dates as timestamp[us, America/New_York] at local midnight of 2024-01-02 and 2024-07-02, prices
 * as decimal128(12, 4); the last close is -0.5.
 */
const PYARROW = [
  '/////2gBAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAUAAADoAAAAnAAAAGgAAAA4AAAABAAAADz///8AAA' +
    'EHEAAAABgAAAAEAAAAAAAAAAUAAABjbG9zZQAAAHT///8MAAAABAAAAGz///8AAAEHEAAA',
  'ABQAAAAEAAAAAAAAAAMAAABsb3cAoP///wwAAAAEAAAAmP///wAAAQcQAAAAGAAAAAQAAAAAAAAABAAAAGhpZ2gAAAAA0P///wwAAAAEAAAAyP' +
    '///wAAAQcQAAAAIAAAAAQAAAAAAAAABAAAAG9wZW4AAAAACAAMAAQACAAIAAAADAAAAAQA',
  'AAAQABQACAAGAAcADAAAABAAEAAAAAAAAQoQAAAAIAAAAAQAAAAAAAAABAAAAGRhdGUAAAAACAAMAAYACAAIAAAAAAACAAQAAAAQAAAAQW1lcm' +
    'ljYS9OZXdfWW9yawAAAAD/////SAEAABQAAAAAAAAADAAWAAYABQAIAAwADAAAAAADBAAY',
  'AAAAkAAAAAAAAAAAAAoAGAAMAAQACAAKAAAAvAAAABAAAAACAAAAAAAAAAAAAAAKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAA' +
    'AQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAgAAAAAAAAADAAAAAAAAAAAAAAAAAAAAAwAAAA',
  'AAAAACAAAAAAAAAAUAAAAAAAAAAAAAAAAAAAAFAAAAAAAAAAIAAAAAAAAABwAAAAAAAAAAAAAAAAAAAAcAAAAAAAAAAgAAAAAAAAAAAAAAAFAA' +
    'AAAgAAAAAAAAAAAAAAAAAAAAIAAAAAAAAAAAAAAAAAAAACAAAAAAAAAAAAAAAAAAAAAgAA',
  'AAAAAAAAAAAAAAAAAAIAAAAAAAAAAAAAAAAAAAAAtNpe7w0GAABQZb87HAYAECcAAAAAAAAAAAAAAAAAAMQJAAAAAAAAAAAAAAAAAAAgTgAAAA' +
    'AAAAAAAAAAAAAAIE4AAAAAAAAAAAAAAAAAAIgTAAAAAAAAAAAAAAAAAABxAgAAAAAAAAAA',
  'AAAAAAAAmDoAAAAAAAAAAAAAAAAAAHjs////////////////////////AAAAAA==',
].join('');

describe('reading bars', () => {
  let directory: string;
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;
  let n = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'reading-'));
    instance = await DuckDBInstance.create(':memory:');
  });
  beforeEach(async () => {
    connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
  });
  afterEach(() => connection.closeSync());
  afterAll(async () => {
    instance.closeSync();
    await rm(directory, { recursive: true });
  });

  const read = async (
    content: string | Uint8Array,
    change: {
      format?: FileFormat;
      compression?: 'gzip' | 'zstd';
      constants?: Record<string, string>;
      columns?: Record<string, string | null>;
      rules?: Partial<BarFile['rules']>;
      parse?: Partial<BarFile['file']['parse']>;
      maxRows?: number;
      filename?: string;
      preset?: BarFile['preset'];
      prices?: 'raw' | 'split_adjusted' | 'adjusted';
    } = {},
  ): Promise<ReadOutcome> => {
    const path = join(directory, `file-${n++}`);
    await writeFile(path, content);
    return readBars(
      connection,
      {
        file: {
          path,
          format: change.format ?? 'csv',
          compression: change.compression ?? 'none',
          parse: { ...PARSE, ...change.parse },
        },
        filename: change.filename ?? null,
        preset: change.preset ?? null,
        mapping: {
          columns: change.columns ?? {},
          ...(change.prices ? { prices: change.prices } : {}),
          constants: change.constants ?? { vt_symbol: 'AAPL.NASDAQ', interval: '1d' },
        },
        rules: { ...RULES, ...change.rules },
        origin: { sourceId: 'upload', runId: 'run', target: 'silver_market.bars_daily' },
        maxRows: change.maxRows ?? 5_000_000,
        stageDirectory: join(directory, `stage-${n}`),
      },
      () => undefined,
      () => false,
    );
  };
  const rows = async (
    paths: readonly string[] | string | null,
    columns = 'timestamp::VARCHAR, open, high, low, close, volume',
  ): Promise<unknown[][]> =>
    (
      await connection.runAndReadAll(
        `SELECT ${columns} FROM read_parquet(${JSON.stringify([paths].flat()).replaceAll('"', "'")}) ORDER BY _line`,
      )
    ).getRowsJS();

  it('keeps the good rows and says why it refuses the others', async () => {
    const outcome = await read(
      `${HEADER}2024-01-02,1,2,0.5,1.5,10\n2024-01-03,1,0.5,2,1.5,10\n2024-01-04,1,2,0.5,1.5,-1\n2024-01-05,1,2,0.5,,10\n2024-01-02,1,2,0.5,1.5,10\n`,
    );
    expect(outcome).toMatchObject({
      rowsRead: 5,
      rowsRejected: 3,
      reasons: { missing_required: 1, high_low_inverted: 1, volume_negative: 1 },
    });
    expect(await rows(outcome.rejected, 'line::INTEGER, raw, codes')).toEqual([
      [3, '2024-01-03,1,0.5,2,1.5,10', ['high_low_inverted']],
      [4, '2024-01-04,1,2,0.5,1.5,-1', ['volume_negative']],
      [5, '2024-01-05,1,2,0.5,,10', ['missing_required']],
    ]);
    expect(await rows(outcome.accepted)).toEqual([
      ['2024-01-02 00:00:00+00', 1, 2, 0.5, 1.5, 10],
      ['2024-01-02 00:00:00+00', 1, 2, 0.5, 1.5, 10],
    ]);
  });

  it('reads the same bars from every format', async () => {
    const expected = [
      ['2024-01-02 00:00:00+00', 1, 2, 0.5, 1.5, 10],
      ['2024-01-03 00:00:00+00', 1.25, 2, 0.5, 1.5, null],
    ];
    const csv = `${HEADER}2024-01-02,1,2,0.5,1.5,10\n2024-01-03,1.25,2,0.5,1.5,`;
    const objects = [
      { date: '2024-01-02', open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 },
      { date: '2024-01-03', open: 1.25, high: 2, low: 0.5, close: 1.5, volume: null },
    ];
    const parquet = join(directory, 'bars.parquet');
    await connection.run(
      `COPY (SELECT * FROM (VALUES (DATE '2024-01-02', 1.0::DOUBLE, 2, 0.5, 1.5, 10), (DATE '2024-01-03', 1.25, 2, 0.5,
        1.5, NULL)) t(date, open, high, low, close, volume)) TO '${parquet}' (FORMAT parquet)`,
    );
    const arrow = tableToIPC(
      tableFromArrays({
        date: ['2024-01-02', '2024-01-03'],
        open: Float64Array.of(1, 1.25),
        high: Float64Array.of(2, 2),
        low: Float64Array.of(0.5, 0.5),
        close: Float64Array.of(1.5, 1.5),
        volume: [10, null],
      }),
      'stream',
    );
    const { readFile } = await import('node:fs/promises');
    const outcomes = [
      await read(csv),
      await read(`\ufeff${csv}`),
      await read(csv.replaceAll(',', '\t'), { format: 'tsv' }),
      await read(csv.replaceAll(',', '|'), { format: 'psv' }),
      await read(csv.replaceAll('\n', '\r\n')),
      await read(gzipSync(csv), { compression: 'gzip' }),
      await read(zstdCompressSync(csv), { compression: 'zstd' }),
      await read(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(csv, 'utf16le')])),
      await read(objects.map((object) => JSON.stringify(object)).join('\n'), { format: 'ndjson' }),
      await read(JSON.stringify(objects, null, 2), { format: 'json' }),
      await read(await readFile(parquet), { format: 'parquet' }),
      await read(arrow, { format: 'arrow' }),
    ];
    for (const outcome of outcomes) expect(await rows(outcome.accepted)).toEqual(expected);
  });

  it('reads decimals and zoned days of Arrow as what they say', async () => {
    const outcome = await read(Buffer.from(PYARROW, 'base64'), { format: 'arrow' });
    expect(await rows(outcome.accepted)).toEqual([['2024-01-02 00:00:00+00', 1, 2, 0.5, 1.5, null]]);
    expect(outcome.reasons).toEqual({ price_not_positive: 1, low_too_high: 1 });
    expect((await rows(outcome.rejected, 'raw')).map(([raw]) => JSON.parse(String(raw)))).toEqual([
      { date: '2024-07-02T00:00:00.000000-04:00', open: '0.2500', high: '2.0000', low: '0.0625', close: '-0.5000' },
    ]);
  });

  it('takes the days that pandas noted in a zone by the clock of that zone', async () => {
    const path = join(directory, 'pandas.parquet');
    const note = JSON.stringify({
      columns: [
        { name: 'date', field_name: 'date', metadata: { timezone: 'America/New_York' } },
        { name: 'open', field_name: 'open', metadata: null },
      ],
    });
    const content = async (metadata: string): Promise<Uint8Array> => {
      await connection.run(
        `COPY (SELECT TIMESTAMPTZ '2024-01-02 05:00:00+00' AS date, 1.0 AS open, 1.0 AS high, 1.0 AS low, 1.0 AS close)
          TO '${path}' (FORMAT parquet, KV_METADATA {pandas: '${metadata}'})`,
      );
      return (await import('node:fs/promises')).readFile(path);
    };
    expect((await rows((await read(await content(note), { format: 'parquet' })).accepted))[0]![0]).toBe(
      '2024-01-02 00:00:00+00',
    );
    for (const other of ['{', '{"columns":[{"field_name":"date","metadata":{"timezone":"Mars/Base"}}]}']) {
      // Without a note the instant is midnight of the exchange; of another zone it is none.
      expect((await rows((await read(await content(other), { format: 'parquet' })).accepted))[0]![0]).toBe(
        '2024-01-02 00:00:00+00',
      );
      expect(
        (await read(await content(other), { format: 'parquet', rules: { timezone: 'Europe/London' } })).reasons,
      ).toEqual({ ts_misaligned: 1 });
    }
  });

  it('maps headers without case, blanks and underscores, and keeps the adjusted close aside', async () => {
    const outcome = await read('DATE,open,High,l,C,Adj Close,VOL,note\n2024-01-02,1,2,0.5,1.5,9,10,x\n');
    expect(await rows(outcome.accepted)).toEqual([['2024-01-02 00:00:00+00', 1, 2, 0.5, 1.5, 10]]);
    expect(outcome.warnings).toEqual([
      { code: 'column_ignored', count: 2, first_line: 1, columns: ['Adj Close', 'note'] },
    ]);
    await expect(read('date,timestamp,open,high,low,close\n')).rejects.toMatchObject({ code: 'ambiguous_mapping' });
    await expect(read('date,o,h,l,c,Close,close\n')).rejects.toMatchObject({ code: 'ambiguous_mapping' });
    expect(
      (await read('date,o,h,l,c,c\n2024-01-02,1,2,0.5,1.5,1.25\n', { columns: { c_2: 'close' } })).warnings,
    ).toEqual([{ code: 'column_ignored', count: 1, first_line: 1, columns: ['c'] }]);
    expect(
      (await read('date,timestamp,o,h,l,c\n2024-01-02,9,1,2,0.5,1.5\n', { columns: { date: 'timestamp' } }))
        .rowsRejected,
    ).toBe(0);
    await expect(read('date,rev\n', { columns: { rev: 'revision' } })).rejects.toMatchObject({
      code: 'reserved_column',
    });
    for (const header of ['Revision', '_run_id']) {
      await expect(read(`date,o,h,l,c,${header}\n`)).rejects.toMatchObject({ code: 'reserved_column' });
      expect(
        (await read(`date,o,h,l,c,${header}\n2024-01-02,1,1,1,1,7\n`, { columns: { [header]: null } })).warnings,
      ).toEqual([{ code: 'column_ignored', count: 1, first_line: 1, columns: [header] }]);
    }
  });

  it('names the physical line behind quoted line breaks and blank lines', async () => {
    const outcome = await read('date,o,h,l,c,note\n2024-01-02,1,2,0.5,1.5,"two\nlines"\n\n2024-01-03,1,2,0.5,x,\n', {});
    expect(await rows(outcome.rejected, 'line::INTEGER, codes')).toEqual([[5, ['bad_number']]]);
    const windows = await read('date,o,h,l,"c"\r\n2024-01-02,1,1,1,"1\r\n"\r\n2024-01-03,1,1,1,x\r\n');
    expect(await rows(windows.rejected, 'line::INTEGER, codes')).toEqual([
      [2, ['bad_number']],
      [4, ['bad_number']],
    ]);
  });

  it('takes every line end for one, also where a file mixes them', async () => {
    const outcome = await read('date,o,h,l,c\r\n2024-01-02,1,1,1,1\n2024-01-03,1,1,1,x\r2024-01-04,1,1,1,1\r\n');
    expect(outcome).toMatchObject({ rowsRead: 3, reasons: { bad_number: 1 } });
    expect(await rows(outcome.rejected, 'line::INTEGER, raw')).toEqual([[3, '2024-01-03,1,1,1,x']]);
  });

  it('applies the clock of the exchange, and of the named zone', async () => {
    const minutes =
      'timestamp,o,h,l,c\n2024-07-01 09:30,1,1,1,1\n2024-03-10 02:30,1,1,1,1\n2024-11-03 ' +
      '01:30,1,1,1,1\n2024-07-01T13:31:00Z,1,1,1,1\n2024-07-01 09:32:30,1,1,1,1\n2024-07-01 08:00,1,1,1,1\n';
    const outcome = await read(minutes, { constants: { vt_symbol: 'AAPL.NASDAQ', interval: '1m' } });
    expect(outcome.reasons).toEqual({ ts_misaligned: 1, tz_nonexistent: 1, tz_ambiguous: 1 });
    expect(await rows(outcome.accepted, 'timestamp::VARCHAR, session_date::VARCHAR')).toEqual([
      ['2024-07-01 13:30:00+00', '2024-07-01'],
      ['2024-07-01 13:31:00+00', '2024-07-01'],
      ['2024-07-01 12:00:00+00', '2024-07-01'],
    ]);
    expect(outcome.warnings).toEqual([{ code: 'off_session', count: 1, first_line: 7 }]);
    expect(
      (
        await read(minutes, {
          constants: { vt_symbol: 'AAPL.NASDAQ', interval: '1m' },
          rules: { session: 'strict', fold: 1 },
        })
      ).reasons,
    ).toEqual({ ts_misaligned: 1, tz_nonexistent: 1, off_session: 2 });
  });

  it('takes the date of daily bars as written', async () => {
    const outcome = await read(
      'date,o,h,l,c\n2024-01-02T00:00:00-05:00,1,1,1,1\n2024-01-03 ' +
        '09:31,1,1,1,1\n2024-01-06,1,1,1,1\n2026-01-06,1,1,1,1\n2026-01-07,1,1,1,1\n1899-12-31,1,1,1,1\n45292,1,1,1,1\n20240104,1,1,1,1\n',
    );
    expect(outcome.reasons).toEqual({ ts_unparseable: 1, ts_future: 1, ts_before_epoch: 1, ts_misaligned: 1 });
    expect((await rows(outcome.accepted, 'timestamp::DATE::VARCHAR')).flat()).toEqual([
      '2024-01-02',
      '2024-01-06',
      '2026-01-06',
      '2024-01-04',
    ]);
    expect(outcome.warnings).toEqual([{ code: 'off_session', count: 1, first_line: 4 }]);
  });

  it('moves the Monday of a week to its first session', async () => {
    const outcome = await read('date,o,h,l,c\n2024-01-15,1,1,1,1\n2024-01-23,1,1,1,1\n', {
      constants: { vt_symbol: 'AAPL.NASDAQ', interval: '1w' },
    });
    expect((await rows(outcome.accepted, 'timestamp::DATE::VARCHAR')).flat()).toEqual(['2024-01-16']);
    expect(outcome.reasons).toEqual({ ts_misaligned: 1 });
  });

  it('checks symbols, and lets futures be negative', async () => {
    const outcome = await read(
      'symbol,date,o,h,l,c\nAAPL,2024-01-02,1,1,1,1\naapl.moon,2024-01-02,1,1,1,1\nclk0.cme,2024-01-02,-30,-20,-40,-37\nbrk.b.nyse,2024-01-02,0,1,0,1\n',
      { constants: { interval: '1d' } },
    );
    expect(outcome.reasons).toEqual({ price_not_positive: 1, bad_symbol: 1, unknown_exchange: 1 });
    expect(outcome.symbols.map(({ vtSymbol }) => vtSymbol)).toEqual(['CLK0.CME']);
    expect((await read(`${HEADER}2024-01-02,1,1,1,1,1\n`, { rules: { knownSymbols: [] } })).reasons).toEqual({
      unknown_symbol: 1,
    });
  });

  it('widens high and low within the tolerance, so stored bars are exact', async () => {
    const outcome = await read(`${HEADER}2024-01-02,1,1.9999999999,0.5,2,0\n`);
    expect(await rows(outcome.accepted, 'high')).toEqual([[2]]);
    expect(outcome.warnings).toEqual([{ code: 'zero_volume', count: 1, first_line: 2 }]);
  });

  it('refuses what cannot be a table, and stops at the row limit', async () => {
    await expect(read(`${HEADER}${'x'.repeat(2_097_152)}\n`)).rejects.toMatchObject({
      code: 'line_too_long',
      options: { members: { line: 2 } },
    });
    await expect(read(`${HEADER}2024-01-02,"1,2\n`)).rejects.toMatchObject({
      code: 'parse_error',
      options: { members: { line: 2, column: 2 } },
    });
    await expect(read('[{"date":"2024-01-02"},\n {}]]', { format: 'json' })).rejects.toMatchObject({
      code: 'parse_error',
      options: { members: { line: 2, column: 5 } },
    });
    await expect(
      read(gzipSync(`${HEADER}${`${'x'.repeat(10_000)}\n`.repeat(3_000)}`), { compression: 'gzip' }),
    ).rejects.toMatchObject({ code: 'archive_rejected' });
    expect((await read(`${HEADER}2024-01-02,1,2,0.5,1.5,10\n2024-01-03,1,2,0.5,1.5,10,7\n`)).reasons).toEqual({
      bad_record: 1,
    });
    expect(
      (await read('{"date":"2024-01-02","o":1,"h":1,"l":1,"c":1}\n{"date":\n', { format: 'ndjson' })).reasons,
    ).toEqual({ bad_record: 1 });
    expect(await read(`${HEADER}2024-01-02,1,2,0.5,1.5,10\n2024-01-03,1,2,0.5,1.5,10\n`, { maxRows: 1 })).toMatchObject(
      { rowsRead: 1, truncated: true },
    );
    expect(await read('')).toMatchObject({ rowsRead: 0, accepted: [] });
  });

  it('warns of outliers with stored bars as history, but not on ex-dates', async () => {
    const outcome = await read(`${HEADER}2024-01-02,100,100,100,100,1\n2024-01-03,25,25,25,25,1\n`);
    const history = { vtSymbol: 'AAPL.NASDAQ', interval: '1d', closes: Float64Array.of(10), exDays: [] };
    expect(await inspectBars(connection, outcome.accepted, [])).toEqual([
      { code: 'outlier_return', count: 1, first_line: 3 },
    ]);
    expect(await inspectBars(connection, outcome.accepted, [history])).toEqual([
      { code: 'outlier_return', count: 2, first_line: 2 },
    ]);
    expect(
      await inspectBars(connection, outcome.accepted, [{ ...history, closes: Float64Array.of(), exDays: [19725] }]),
    ).toEqual([]);
  });
});

describe('detectFormat', () => {
  const detect = (head: string | Uint8Array): string | undefined =>
    detectFormat(typeof head === 'string' ? Buffer.from(head) : head, 'none')?.format;

  it('asks the content, not the name', () => {
    expect(['a,b\n1,2', 'a\tb\n', 'a|b\n', '{"a":1}\n', ' [{"a":1}]', 'PAR1\0\0', 'ARROW1\0\0'].map(detect)).toEqual([
      'csv',
      'tsv',
      'psv',
      'ndjson',
      'json',
      'parquet',
      'arrow',
    ]);
    expect(['<TICKER>,<DATE>,<OPEN>\n', '<DATE>\t<OPEN>\n'].map(detect)).toEqual(['csv', 'tsv']);
    expect(['<html>', '<a>,b</a>', '<?xml version="1.0"?>'].map(detect)).toEqual([undefined, undefined, undefined]);
    expect(['MZ\x90\0\x03\0', '\x7fELF\x02\x01', '<!doctype html>', '%PDF-1.7', 'PK\x03\x04'].map(detect)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('values', () => {
  it('reads numbers strictly', () => {
    expect(['1', ' -1.5\t', '+.5', '1e3', '-0', '1e-400', '5.'].map((text) => parseNumber(text))).toEqual([
      1, -1.5, 0.5, 1000, 0, 0, 5,
    ]);
    expect(['nan', '-Infinity', 'INF', '1e400'].map((text) => parseNumber(text))).toEqual(Array(4).fill('not_finite'));
    expect(['0x10', '１', '1_000', '1,234', '', '1.2.3', 'x'].map((text) => parseNumber(text))).toEqual(
      Array(7).fill('bad_number'),
    );
    expect(parseNumber('1,234.5', ',')).toBe(1234.5);
    expect(parseNumber('1.234,5', '.', ',')).toBe(1234.5);
    expect(parseNumber('-1 234 567', ' ')).toBe(-1234567);
    expect(['12.34', '1.2345', '.123', '1..234'].map((text) => parseNumber(text, '.', ','))).toEqual(
      Array(4).fill('bad_number'),
    );
  });

  it('reads epochs by their size or unit', () => {
    const at = (text: string, unit: 's' | 'ms' | null = null): number | undefined => parseWritten(text, unit)?.wall;
    expect([at('1704067200'), at('1704067200000'), at('1704067200000000'), at('1704067200000000000')]).toEqual(
      Array(4).fill(1704067200e6),
    );
    expect([at('45292'), at('1.5'), at('2024-02-30'), at('2024-13-01'), at('20240230')]).toEqual(
      Array(5).fill(undefined),
    );
    expect(at('45292', 's')).toBe(45292e6);
    expect(at('20240102')).toBe(Date.UTC(2024, 0, 2) * 1e3);
  });

  it('resolves local times', () => {
    const instant = (text: string, fold: 0 | 1 | null = null): number | string =>
      toInstant(parseWritten(text, null)!, 'America/New_York', fold);
    expect(instant('2024-03-10 02:30')).toBe('tz_nonexistent');
    expect(instant('2024-11-03 01:30')).toBe('tz_ambiguous');
    expect(instant('2024-11-03 01:30', 1)).toBe(Date.parse('2024-11-03T06:30:00Z') * 1e3);
    expect(instant('2024-07-01 09:30')).toBe(Date.parse('2024-07-01T13:30:00Z') * 1e3);
  });

  it('reads times of day as vendors write them', () => {
    const at = (text: string): number | undefined => {
      const time = parseTimeOfDay(text);
      return time === null ? undefined : time.micros / 60e6;
    };
    expect(
      [
        '09:30',
        '9:30:00',
        '09:30:00.000',
        '9:30 PM',
        '12:15 am',
        '093000',
        '93000',
        '0930',
        '930',
        '0',
        '000000',
        '930.0',
      ].map(at),
    ).toEqual([570, 570, 570, 1290, 15, 570, 570, 570, 570, 0, 0, 570]);
    expect(['24:00', '9', '09:60', '13:00 PM', '2400', '', 'noon', '1234567'].map(at)).toEqual(
      Array(8).fill(undefined),
    );
    expect(parseTimeOfDay('09:30-05:00')).toEqual({ micros: 570 * 60e6, offset: -300 * 60e6 });
  });

  it('reads symbols of files, with the exchange that is given and the endings that are known', () => {
    const texts = (exchange: string | null, suffixes: Record<string, string | null> = {}): SymbolTexts =>
      new SymbolTexts({ exchanges: EXCHANGES, exchange, suffixes });
    const shown = ({ ticker, exchange }: { ticker: string; exchange: string }): string => `${ticker}.${exchange}`;
    expect(
      ['BRK.B', 'brk.b.nyse', 'VOD.L', 'AAPL'].map((text) => shown(texts('NASDAQ', { '.L': 'LSE' }).ofText(text))),
    ).toEqual(['BRK.B.NASDAQ', 'BRK.B.NYSE', 'VOD.LSE', 'AAPL.NASDAQ']);
    expect(() => texts(null).ofText('AAPL')).toThrow(expect.objectContaining({ code: 'bad_symbol' }));
    expect(
      ['AAPL_NASDAQ.csv', 'daily/aapl.csv.gz', 'C:\\data\\BRK_B.parquet', 'EUR_USD.csv'].map((name) =>
        shown(texts(null).ofFileName(name)),
      ),
    ).toEqual(['AAPL.NASDAQ', 'AAPL.LOCAL', 'BRK_B.LOCAL', 'EUR_USD.LOCAL']);
    expect(shown(texts('NYSE').ofFileName('BRK.B.csv'))).toBe('BRK.B.NYSE');
    expect(() => texts(null).ofFileName('my bars.csv')).toThrow(expect.objectContaining({ code: 'bad_symbol' }));
  });

  it('reads the formats of strptime', () => {
    expect(compileDateFormat('%d/%m/%Y %I:%M %p')('02/01/2024 09:30 PM')?.wall).toBe(
      Date.parse('2024-01-02T21:30:00Z') * 1e3,
    );
    expect(compileDateFormat('%b %d %Y')('Jan 2 2024')?.wall).toBe(Date.parse('2024-01-02T00:00:00Z') * 1e3);
    expect(() => compileDateFormat('%Q')).toThrow(expect.objectContaining({ code: 'bad_date_format' }));
  });
});
