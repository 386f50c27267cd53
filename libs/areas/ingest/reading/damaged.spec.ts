import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ZipFile } from 'yazl';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { type Compression, type FileFormat } from './formats.ts';
import { openRecords } from './records/open-records.ts';

const PARSE = { delimiter: null, quote: '"', escape: '"', encoding: null, header: true, skipRows: 0 };
const ROWS = 3_000;

/** The same numbers for every run: a linear congruential generator. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

async function zipped(csv: string): Promise<Buffer> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(csv), 'bars.csv');
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('damaged files', () => {
  let directory: string;
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;
  let files: [name: string, format: FileFormat, compression: Compression, bytes: Buffer][];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'damaged-'));
    instance = await DuckDBInstance.create(':memory:', { memory_limit: '256MB', threads: '1' });
    connection = await instance.connect();
    const random = numbers(1);
    const date = Array.from({ length: ROWS }, (_, i) => new Date(Date.UTC(2010, 0, 1 + i)).toISOString().slice(0, 10));
    const close = Float64Array.from({ length: ROWS }, () => random.next().value as number);
    const csv = `date,close\n${date.map((day, i) => `${day},${close[i]}\n`).join('')}`;
    const parquet = join(directory, 'bars.parquet');
    await connection.run(
      `COPY (SELECT DATE '2010-01-01' + i::INTEGER AS date, hash(i) / 1e19 AS close, 'row ' || i AS note FROM
        range(${ROWS}) t(i)) TO '${parquet}' (FORMAT parquet, COMPRESSION zstd)`,
    );
    const table = tableFromArrays({ date, close });
    files = [
      ['gzip', 'csv', 'gzip', gzipSync(csv)],
      ['zstd', 'csv', 'zstd', zstdCompressSync(csv)],
      ['gzip of NDJSON', 'ndjson', 'gzip', gzipSync(close.reduce((text, value) => `${text}{"close":${value}}\n`, ''))],
      ['Arrow stream', 'arrow', 'none', Buffer.from(tableToIPC(table, 'stream'))],
      ['Arrow file', 'arrow', 'none', Buffer.from(tableToIPC(table, 'file'))],
      ['Parquet', 'parquet', 'none', await readFile(parquet)],
      ['zip', 'csv', 'zip', await zipped(csv)],
    ];
  });
  afterAll(async () => {
    connection.closeSync();
    instance.closeSync();
    await rm(directory, { recursive: true });
  });

  const count = async (format: FileFormat, compression: Compression, bytes: Uint8Array): Promise<number> => {
    const path = join(directory, 'file');
    await writeFile(path, bytes);
    const source = await openRecords({ path, format, compression, parse: PARSE }, async () => connection);
    try {
      let rows = 0;
      for await (const batch of source.batches()) rows += batch.length;
      return rows;
    } finally {
      await source.close();
    }
  };

  it('are read whole when they are whole', async () => {
    for (const [, format, compression, bytes] of files) expect(await count(format, compression, bytes)).toBe(ROWS);
  });

  it('are bad input when they are cut off', async () => {
    for (const [name, format, compression, bytes] of files) {
      for (const share of [0.02, 0.3, 0.5, 0.9, 0.99]) {
        const outcome = await count(format, compression, bytes.subarray(0, Math.floor(bytes.length * share))).catch(
          (error: unknown) => error,
        );
        expect([name, share, outcome]).toMatchObject([name, share, { status: 422, code: 'bad_input' }]);
      }
    }
  });

  it('cannot fill the memory with lengths that Arrow metadata only declare', async () => {
    for (const [name, format, compression, bytes] of files.filter(([, format]) => format === 'arrow')) {
      for (let i = 8; i < 400; i++) {
        for (const at of [i, bytes.length - i]) {
          if (bytes[at] !== 0) continue;
          const damaged = Buffer.from(bytes);
          damaged[at] = 0x30;
          const outcome = await count(format, compression, damaged).catch((error: unknown) => error);
          expect([name, at, typeof outcome === 'number' ? 422 : (outcome as { status?: number }).status]).toEqual([
            name,
            at,
            422,
          ]);
        }
      }
    }
  });

  it("are the caller's fault wherever a byte is wrong", async () => {
    const random = numbers(2);
    const faults: unknown[] = [];
    for (const [name, format, compression, bytes] of files) {
      for (let i = 0; i < 60; i++) {
        const damaged = Buffer.from(bytes);
        // Heads and tails carry the structure; the middle is mostly values.
        const near = Math.floor((random.next().value as number) * Math.min(600, bytes.length));
        const at = i % 2 === 0 ? near : bytes.length - 1 - near;
        damaged[at] = damaged[at]! ^ (1 + Math.floor((random.next().value as number) * 255));
        const outcome = await count(format, compression, damaged).catch((error: unknown) => error);
        if (typeof outcome !== 'number' && (outcome as { status?: number }).status !== 422)
          faults.push([name, at, String(outcome)]);
      }
    }
    expect(faults).toEqual([]);
  });
});
