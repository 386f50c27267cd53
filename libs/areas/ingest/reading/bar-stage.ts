import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DOUBLE,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { CheckedBar, Refusal } from './checked-row.ts';
import { placeOf, type SourceRecord } from './records/source-record.ts';
import { refusalText } from './tally.ts';

const CHUNK = 2_048;
const ROWS_PER_FILE = 1_000_000;
const RAW_CHARS = 65_536;
/** Parts the place of a row in an archive from the message about it. */
export const PLACE_END = '\u001f';
const NUMBERS = [
  'symbol',
  'interval',
  'currency',
  'timestamp',
  'session_day',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'vwap',
  'trade_count',
  '_line',
] as const;

/** What every staged row says about where it comes from and where it was meant to go. */
export interface StageOrigin {
  /** `data_sources.name`. */
  readonly sourceId: string;
  readonly runId: string;
  readonly target: string;
}

/** Collects checked bars and refused rows into Parquet files that the lake writer and the quarantine read. */
export class BarStage {
  readonly #connection: DuckDBConnection;
  readonly #directory: string;
  readonly #origin: StageOrigin;
  readonly #names = {
    symbol: new Map<string, number>(),
    interval: new Map<string, number>(),
    currency: new Map<string, number>(),
  };
  readonly #buffers = NUMBERS.map(() => [] as number[]);
  readonly #files: string[] = [];
  #appender: DuckDBAppender | undefined;
  #rejections: DuckDBAppender | undefined;
  #inTable = 0;
  #rejected: { line: number; raw: string; codes: readonly string[]; message: string }[] = [];
  #rejectedRows = 0;

  private constructor(connection: DuckDBConnection, directory: string, origin: StageOrigin) {
    this.#connection = connection;
    this.#directory = directory;
    this.#origin = origin;
  }

  static async open(connection: DuckDBConnection, directory: string, origin: StageOrigin): Promise<BarStage> {
    await mkdir(directory, { recursive: true });
    const stage = new BarStage(connection, directory, origin);
    await connection.run(
      'CREATE OR REPLACE TEMP TABLE rejected (line DOUBLE, raw VARCHAR, codes VARCHAR[], message VARCHAR)',
    );
    stage.#rejections = await connection.createAppender('rejected');
    await stage.#newTable();
    return stage;
  }

  async accept(bar: CheckedBar, line: number): Promise<void> {
    const { symbol, interval, currency } = this.#names;
    const row = [
      code(symbol, bar.vtSymbol),
      code(interval, bar.interval),
      bar.currency === null ? -1 : code(currency, bar.currency.toUpperCase()),
      bar.timestamp,
      bar.sessionDay,
      bar.open,
      bar.high,
      bar.low,
      bar.close,
      bar.volume,
      bar.vwap,
      bar.tradeCount,
      line,
    ];
    for (let i = 0; i < row.length; i++) this.#buffers[i]!.push(row[i]!);
    if (this.#buffers[0]!.length === CHUNK) await this.#flush();
  }

  reject(record: SourceRecord, refusals: readonly Refusal[]): void {
    const place = record.member === undefined ? '' : `${placeOf(record)}${PLACE_END}`;
    this.#rejected.push({
      line: record.position,
      raw: record.raw.slice(0, RAW_CHARS),
      codes: [...new Set(refusals.map(({ code }) => code))],
      message: `${place}${refusals.map(refusalText).join(', ')}`,
    });
    this.#rejectedRows++;
    if (this.#rejected.length === CHUNK) this.#flushRejected();
  }

  /** Writes what is left. Returns the files of accepted rows, and the file of refused ones if there are any. */
  async finish(): Promise<{ accepted: string[]; rejected: string | null }> {
    await this.#flush();
    await this.#writeFile();
    this.#flushRejected();
    this.#rejections!.closeSync();
    const rejected = this.#rejectedRows > 0 ? join(this.#directory, 'rejected.parquet') : null;
    if (rejected)
      await this.#connection.run(
        `COPY (SELECT '${quoted(this.#origin.runId)}' AS run_id,
          '${quoted(this.#origin.target)}' AS target, CAST(line AS BIGINT) AS line, raw, codes, message, CAST(line AS
          BIGINT) AS _line FROM rejected ORDER BY line) TO '${quoted(rejected)}' (FORMAT parquet, COMPRESSION zstd)`,
      );
    return { accepted: this.#files, rejected };
  }

  async #newTable(): Promise<void> {
    await this.#connection.run(
      `CREATE OR REPLACE TEMP TABLE staged (${NUMBERS.map((name) => `${name} DOUBLE`).join(', ')})`,
    );
    this.#appender = await this.#connection.createAppender('staged');
    this.#inTable = 0;
  }

  async #flush(): Promise<void> {
    const rows = this.#buffers[0]!.length;
    if (rows === 0) return;
    const chunk = DuckDBDataChunk.create(
      NUMBERS.map(() => DOUBLE),
      rows,
    );
    chunk.setColumns(this.#buffers);
    this.#appender!.appendDataChunk(chunk);
    for (const buffer of this.#buffers) buffer.length = 0;
    this.#inTable += rows;
    if (this.#inTable >= ROWS_PER_FILE) {
      await this.#writeFile();
      await this.#newTable();
    }
  }

  async #writeFile(): Promise<void> {
    this.#appender!.closeSync();
    if (this.#inTable === 0) return;
    const path = join(this.#directory, `accepted-${this.#files.length}.parquet`);
    const named = (kind: 'symbol' | 'interval' | 'currency'): string =>
      `${list([...this.#names[kind].keys()])}[CAST(${kind} AS INTEGER) + 1]`;
    const nullable = (name: string, type: string): string =>
      `CASE WHEN isnan(${name}) THEN NULL ELSE CAST(${name} AS ${type}) END AS ${name}`;
    await this.#connection.run(
      `COPY (SELECT ${named('symbol')} AS vt_symbol,
        ${named('interval')} AS interval, make_timestamptz(CAST(timestamp AS BIGINT)) AS timestamp, DATE '1970-01-01' +
        CAST(session_day AS INTEGER) AS session_date,
         open, high, low, close,
         ${nullable('volume', 'DOUBLE')}, ${nullable('vwap', 'DOUBLE')}, ${nullable('trade_count', 'INTEGER')},
         CASE WHEN currency < 0 THEN NULL ELSE
         ${named('currency')} END AS currency,
         '${quoted(this.#origin.sourceId)}' AS source_id, CAST(_line AS BIGINT) AS _line
       FROM staged) TO '${quoted(path)}' (FORMAT parquet, COMPRESSION zstd)`,
    );
    this.#files.push(path);
  }

  #flushRejected(): void {
    const rows = this.#rejected;
    if (rows.length === 0) return;
    const chunk = DuckDBDataChunk.create([DOUBLE, VARCHAR, LIST(VARCHAR), VARCHAR], rows.length);
    chunk.setColumns([
      rows.map(({ line }) => line),
      rows.map(({ raw }) => raw),
      rows.map(({ codes }) => listValue([...codes])),
      rows.map(({ message }) => message),
    ]);
    this.#rejected = [];
    this.#rejections!.appendDataChunk(chunk);
  }
}

function code(names: Map<string, number>, name: string): number {
  let value = names.get(name);
  if (value === undefined) names.set(name, (value = names.size));
  return value;
}

function list(names: readonly string[]): string {
  return `CAST([${names.map((name) => `'${quoted(name)}'`).join(', ')}] AS VARCHAR[])`;
}

function quoted(text: string): string {
  return text.replaceAll("'", "''");
}
