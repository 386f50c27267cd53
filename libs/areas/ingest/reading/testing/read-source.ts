import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { compressionOf, detectFormat, type FileFormat } from '../formats.ts';
import { openRecords } from '../records/open-records.ts';
import type { ParseOptions, RecordSource, SourceRecord } from '../records/source-record.ts';

export const PARSE: ParseOptions = {
  delimiter: null,
  quote: '"',
  escape: '"',
  encoding: null,
  header: null,
  skipRows: 0,
};

export interface ReadSource {
  readonly headers: readonly string[];
  readonly columns: RecordSource['columns'];
  readonly facts: RecordSource['facts'];
  readonly records: readonly SourceRecord[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Reads files as a run does, format and compression by their content. */
export class SourceReader {
  readonly #directory: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  #files = 0;

  private constructor(directory: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#directory = directory;
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(): Promise<SourceReader> {
    const instance = await DuckDBInstance.create(':memory:', { memory_limit: '256MB', threads: '1' });
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return new SourceReader(await mkdtemp(join(tmpdir(), 'source-')), instance, connection);
  }

  async read(
    content: string | Uint8Array,
    { format, ...parse }: Partial<ParseOptions> & { format?: FileFormat } = {},
  ): Promise<ReadSource> {
    const path = join(this.#directory, `file-${this.#files++}`);
    await writeFile(path, content);
    const head = Buffer.from(content).subarray(0, 65_536);
    const compression = compressionOf(head);
    const found = format ?? detectFormat(head, compression)?.format ?? 'csv';
    const source = await openRecords(
      { path, format: found, compression, parse: { ...PARSE, ...parse } },
      async () => this.#connection,
    );
    try {
      const records: SourceRecord[] = [];
      for await (const batch of source.batches()) records.push(...batch);
      return {
        headers: source.headers,
        columns: source.columns,
        facts: source.facts,
        records,
        rows: records.map(({ values }) => values),
      };
    } finally {
      await source.close();
      await rm(path);
    }
  }

  async close(): Promise<void> {
    this.#connection.closeSync();
    this.#instance.closeSync();
    await rm(this.#directory, { recursive: true });
  }
}
