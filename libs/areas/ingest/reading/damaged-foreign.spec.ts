import { readFileSync } from 'node:fs';
import type { FileFormat } from './formats.ts';
import { SourceReader } from './testing/read-source.ts';
import { parseNumber } from './values/parse-number.ts';

const FIXTURES = new URL('../../../../test/fixtures/columnar/', import.meta.url);
const { files: FILES } = JSON.parse(readFileSync(new URL('manifest.json', FIXTURES), 'utf8')) as {
  files: { file: string }[];
};
const REFUSED = 2_000;
const FLIPPED = 1_000;
/** A high that stands once in every file, as its writers lay it down in double precision, and what it becomes. */
const HIGH = doubleBytes(104.25);
const NOT_FINITE = doubleBytes(Number.NaN);

function doubleBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

/** The same numbers for every run: a linear congruential generator. */
function drawer(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Draw = (below: number) => number;
type Damage = (bytes: Buffer, draw: Draw) => Buffer;

/** Half a length word is never the end of a message, which is where an Arrow stream may end. */
function cut(bytes: Buffer, draw: Draw): Buffer {
  const at = draw(bytes.length - 24);
  return bytes.subarray(0, at - (at % 8) + 3);
}

/** Sets bytes from a position on, counted from the end where it is negative. */
function overwrite(at: number, length: number, value: number): Damage {
  return (bytes) => {
    const from = at < 0 ? bytes.length + at : at;
    return Buffer.from(bytes).fill(value, from, from + length);
  };
}

/** What no reader can make sense of, by format. */
const STRUCTURAL: Readonly<Record<'parquet' | 'file' | 'stream', readonly Damage[]>> = {
  parquet: [cut, cut, cut, overwrite(-8, 4, 0x7f), overwrite(-4, 4, 0), overwrite(-40, 32, 0xff)],
  file: [
    cut,
    cut,
    cut,
    overwrite(-10, 4, 0x7f),
    overwrite(-6, 6, 0),
    (bytes) => overwrite(-10 - bytes.readUInt32LE(bytes.length - 10), 16, 0xff)(bytes, () => 0),
  ],
  stream: [cut, cut, cut, overwrite(4, 4, 0x7f), overwrite(8, 16, 0xff), overwrite(0, 64, 0)],
};

function kindOf(file: string, bytes: Buffer): keyof typeof STRUCTURAL {
  if (file.endsWith('.parquet')) return 'parquet';
  return bytes.toString('latin1', 0, 6) === 'ARROW1' ? 'file' : 'stream';
}

describe('damaged files of foreign writers', () => {
  const files = FILES.map(({ file }) => {
    const bytes = readFileSync(new URL(`files/${file}`, FIXTURES));
    return { file, bytes, kind: kindOf(file, bytes) };
  });
  const formatOf = (kind: keyof typeof STRUCTURAL): FileFormat => (kind === 'parquet' ? 'parquet' : 'arrow');
  let reader: SourceReader;
  beforeAll(async () => {
    reader = await SourceReader.open();
  });
  afterAll(() => reader.close());

  it(`are refused as bad input, ${REFUSED} of them, and no row of them is kept`, async () => {
    const draw = drawer(1);
    const wrong: unknown[] = [];
    for (let i = 0; i < REFUSED; i++) {
      const { file, bytes, kind } = files[i % files.length]!;
      const damages = STRUCTURAL[kind];
      const damage = damages[Math.floor(i / files.length) % damages.length]!;
      const outcome = await reader
        .read(damage(bytes, draw), { format: formatOf(kind) })
        .catch((error: unknown) => error);
      const { status, code, message } = outcome as { status?: number; code?: string; message?: string };
      if (status !== 422 || code !== 'bad_input' || !message) wrong.push([i, file, String(outcome)]);
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  // Checksums of codecs and pages find the damage before anybody sees the value.
  it('show column and value of a price that is no number any more', async () => {
    const damaged = files.filter(
      ({ file, bytes }) => bytes.includes(HIGH) && !/fastparquet|lz4|zstd|gzip|brotli|snappy|checksums/.test(file),
    );
    expect(damaged.length).toBeGreaterThan(20);
    for (const { file, bytes, kind } of damaged) {
      const broken = Buffer.from(bytes);
      for (let at = broken.indexOf(HIGH); at >= 0; at = broken.indexOf(HIGH)) broken.set(NOT_FINITE, at);
      const { headers, rows } = await reader.read(broken, { format: formatOf(kind) });
      const [value] = rows
        .map((row) => row[headers.indexOf('high')]!)
        .filter((text) => typeof parseNumber(text) === 'string');
      expect([file, String(value).toLowerCase(), parseNumber(String(value))]).toEqual([file, 'nan', 'not_finite']);
    }
  });

  it('show column, row and value of what points out of the file', async () => {
    const plain = files.find(({ file }) => /^pyarrow-file-plain-.*-dict8-/.test(file))!;
    const indices = plain.bytes.indexOf(Buffer.from([0, 0, 1, 1, 2]));
    const strings = files.find(({ file }) => /^pyarrow-file-plain-.*-string-/.test(file))!;
    const offsets = strings.bytes.indexOf(Buffer.from(new Int32Array([0, 11, 22, 33, 44]).buffer));
    const view = files.find(({ file }) => file.startsWith('polars-file-uncompressed-newest-date.'))!;
    const long = view.bytes.indexOf(Buffer.concat([Buffer.from([25, 0, 0, 0]), Buffer.from('BERK')]));
    for (const [{ bytes }, at, value, message] of [
      [plain, indices + 4, 7, 'The column "symbol" of the Arrow file means in row 5 the value 7 of a dictionary of 3.'],
      [
        strings,
        offsets + 9,
        1,
        'The column "symbol" of the Arrow file means in row 2 the text from 11 to 278, of 69 bytes.',
      ],
      [
        view,
        long + 12,
        9,
        'The column "symbol" of the Arrow file means in row 5 the text from 9 with 25 bytes in buffer 0, of 25 bytes.',
      ],
    ] as const) {
      expect(at).toBeGreaterThan(9);
      const broken = Buffer.from(bytes);
      broken[at] = value;
      await expect(reader.read(broken, { format: 'arrow' })).rejects.toMatchObject({
        status: 422,
        code: 'bad_input',
        message,
      });
    }
  });

  it('do not make a reader busy that believes what they declare', async () => {
    const bytesOf = (name: string): Buffer => Buffer.from(files.find(({ file }) => file === name)!.bytes);
    // Found by chance, each for another length: digits of a decimal, buffers of a view, rows of a batch, a block that
    // holds no batch.
    for (const [name, ...changes] of [
      ['pyarrow-file-lz4-minute-ns-ny-bview-d32-f64-batches-of-1.arrow', [443, 0x0a], [4878, 0xef]],
      ['pyarrow-stream-zstd-minute-ns-ny-bview-d32-f64-batches-of-1.arrow', [590, 0xda]],
      ['pyarrow-stream-zstd-minute-ns-ny-bview-d32-f64-batches-of-1.arrow', [579, 21], [1664, 76], [3649, 98]],
      ['duckdb-arrow-large-buffer-size-false-date.arrow', [449, 228], [656, 175]],
    ] as [string, ...[number, number][]][]) {
      const broken = bytesOf(name);
      for (const [at, value] of changes) broken[at] = value;
      const began = performance.now();
      await expect(reader.read(broken, { format: 'arrow' })).rejects.toMatchObject({ status: 422, code: 'bad_input' });
      expect(performance.now() - began).toBeLessThan(2_000);
    }
  });

  it(`are the caller's fault wherever bytes are wrong: ${FLIPPED} of them`, async () => {
    const draw = drawer(2);
    const wrong: unknown[] = [];
    for (let i = 0; i < FLIPPED; i++) {
      const { file, bytes, kind } = files[draw(files.length)]!;
      const broken = Buffer.from(bytes);
      for (let n = draw(3); n >= 0; n--) {
        const at = draw(broken.length);
        broken[at] = broken[at]! ^ (1 + draw(255));
      }
      const outcome = await reader.read(broken, { format: formatOf(kind) }).catch((error: unknown) => error);
      if (outcome instanceof Error && (outcome as { status?: number }).status !== 422)
        wrong.push([i, file, String(outcome)]);
    }
    expect(wrong).toEqual([]);
  }, 60_000);
});
