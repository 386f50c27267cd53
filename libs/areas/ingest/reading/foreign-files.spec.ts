import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { detectFormat } from './formats.ts';
import { SourceReader, type ReadSource } from './testing/read-source.ts';
import { parseWritten, toInstant } from './values/parse-timestamp.ts';

interface Foreign {
  readonly file: string;
  readonly writer: string;
  readonly bars: 'daily' | 'minute';
  readonly columns: string[];
  readonly index: string[];
}

interface Manifest {
  readonly bars: {
    readonly daily: string[];
    readonly minute: string[];
    readonly open: number[];
    readonly high: number[];
    readonly low: number[];
    readonly close: number[];
    readonly volume: (number | null)[];
    readonly symbol: string[];
  };
  readonly files: readonly Foreign[];
}

const FIXTURES = new URL('../../../../test/fixtures/columnar/', import.meta.url);
const { bars: BARS, files: FILES } = JSON.parse(readFileSync(new URL('manifest.json', FIXTURES), 'utf8')) as Manifest;
const PRICES = ['open', 'high', 'low', 'close'] as const;

/** Bars as a run reads them: the date as written of daily ones, the instant of the others, text as numbers. */
function barsOf({ headers, rows }: ReadSource, { bars, index }: Foreign): unknown[] {
  const at = (name: string): number => headers.indexOf(name);
  const [indexName] = index;
  const time = at('date') >= 0 ? at('date') : at(indexName!);
  return rows.map((row) => {
    const written = parseWritten(row[time]!, null)!;
    const instant = Number(toInstant(written, 'UTC', null)) / 1_000;
    const stamp =
      bars === 'minute'
        ? new Date(instant).toISOString().replace('.000', '')
        : new Date(written.wall / 1_000).toISOString().replace('T00:00:00.000Z', '');
    const volume = row[at('volume')]!;
    return [
      stamp,
      ...PRICES.map((name) => Number(row[at(name)])),
      volume === null ? null : Number(volume),
      row[at('symbol')],
    ];
  });
}

function expectedOf({ bars }: Foreign): unknown[] {
  return BARS[bars].map((stamp, i) => [stamp, ...PRICES.map((name) => BARS[name][i]), BARS.volume[i], BARS.symbol[i]]);
}

describe('F4, F6, M2: 300 columnar files of pyarrow, pandas, polars, DuckDB and fastparquet', () => {
  let reader: SourceReader;
  beforeAll(async () => {
    reader = await SourceReader.open();
  });
  afterAll(() => reader.close());

  it('are that many', () => expect(FILES).toHaveLength(300));

  it.each([...new Set(FILES.map(({ writer }) => writer))])('of %s are read equal', async (writer) => {
    for (const foreign of FILES.filter((file) => file.writer === writer)) {
      const read = await reader
        .read(await readFile(new URL(`files/${foreign.file}`, FIXTURES)))
        .catch((error: unknown) => {
          throw new Error(`${foreign.file}: ${String(error)}`, { cause: error });
        });
      expect([foreign.file, read.headers, read.columns.filter(({ index }) => index).map(({ name }) => name)]).toEqual([
        foreign.file,
        foreign.columns,
        foreign.index,
      ]);
      expect([foreign.file, barsOf(read, foreign)]).toEqual([foreign.file, expectedOf(foreign)]);
    }
  });

  it('name their kind', async () => {
    const kinds = await Promise.all(
      [
        'pyarrow-feather-lz4-ts-ns-ny.feather',
        'polars-file-zstd-newest-date.arrow',
        'polars-stream-lz4-date.arrow',
        'polars-zstd-date.parquet',
      ].map(async (file) => detectFormat(await readFile(new URL(`files/${file}`, FIXTURES)), 'none')?.mediaType),
    );
    expect(kinds).toEqual([
      'application/vnd.apache.arrow.file',
      'application/vnd.apache.arrow.file',
      'application/vnd.apache.arrow.stream',
      'application/vnd.apache.parquet',
    ]);
  });
});
