import { ZipFile } from 'yazl';
import { detectFormat, refusalOfForeign } from '../formats.ts';
import { SourceReader } from '../testing/read-source.ts';
import { twoLevels } from './source-columns.ts';

let reader: SourceReader;
beforeAll(async () => {
  reader = await SourceReader.open();
});
afterAll(() => reader.close());

const BARS = ['2024-01-02,1,2,0.5,1.5,10', '2024-01-03,2,3,1.5,2.5,20'];
const ROWS = BARS.map((bar) => bar.split(','));
const NAMES = ['Date', 'Open', 'High', 'Low', 'Close', 'Volume'];
const CSV = `${NAMES.join(',')}\n${BARS.join('\n')}\n`;

describe('F9 delimited text as people have it', () => {
  it.each([',', ';', '\t', '|'])('finds out that %j parts the cells', async (delimiter) => {
    const text = CSV.replaceAll(',', delimiter);
    expect(await reader.read(text)).toMatchObject({
      headers: NAMES,
      rows: ROWS,
      facts: { delimiter, header: 'found' },
    });
    expect(await reader.read(text.slice(text.indexOf('\n') + 1))).toMatchObject({
      headers: NAMES.map((_, i) => `column_${i + 1}`),
      rows: ROWS,
      facts: { delimiter, header: 'missing' },
    });
  });

  it('is not misled by decimal commas, nor by commas in quotes', async () => {
    const decimal = '2024-01-02;1,5;2,25;0,5;1,5;10\n2024-01-03;2,5;3,25;1,5;2,5;20\n';
    for (const text of [decimal, `${NAMES.join(';')}\n${decimal}`])
      expect((await reader.read(text)).rows[0]).toEqual(['2024-01-02', '1,5', '2,25', '0,5', '1,5', '10']);
    expect((await reader.read('Date;Open;Close\n"Jan 02, 2024";1;2\n"Jan 03, 2024";1;2\n')).rows).toEqual([
      ['Jan 02, 2024', '1', '2'],
      ['Jan 03, 2024', '1', '2'],
    ]);
    expect((await reader.read('Date,Volume,Close\n"Jan 02, 2024","1,234",2\n')).rows).toEqual([
      ['Jan 02, 2024', '1,234', '2'],
    ]);
    expect((await reader.read(CSV, { delimiter: ';' })).headers).toEqual([NAMES.join(',')]);
  });

  it('notices that there is no header, as in the archives of Binance', async () => {
    const kline =
      '1704067200000,42283.58,42554.57,42261.02,42475.23,1271.68108,1704070799999,53957248.97,47134,682.57,28957416.81,0';
    const read = await reader.read(`${kline}\n${kline.replace('1704067200000', '1704070800000')}\n`);
    expect(read.facts.header).toBe('missing');
    expect(read.headers).toEqual(Array.from({ length: 12 }, (_, i) => `column_${i + 1}`));
    expect(read.records.map(({ line }) => line)).toEqual([1, 2]);
    expect((await reader.read('AAPL,20240102,1,2,0.5,1.5,10\n')).facts.header).toBe('missing');
    expect((await reader.read(CSV, { header: false })).rows).toEqual([NAMES, ...ROWS]);
    expect(await reader.read(BARS.join('\n'), { header: true })).toMatchObject({
      headers: ['2024-01-02', '1', '2', '0.5', '1.5', '10'],
      rows: [ROWS[1]],
    });
    // What pandas calls columns without names.
    expect(await reader.read(',0,1,2\n0,2024-01-02,1,2\n')).toMatchObject({
      headers: ['column_1', '0', '1', '2'],
      rows: [['0', '2024-01-02', '1', '2']],
    });
  });

  it('takes angle brackets and asterisks off names', async () => {
    const read = await reader.read('<TICKER>,<DATE>,<TIME>,<OPEN>,Close*,Adj Close**\nAAPL.US,20240102,000000,1,2,3\n');
    expect(read.headers).toEqual(['TICKER', 'DATE', 'TIME', 'OPEN', 'Close', 'Adj Close']);
    expect(read.columns.map(({ written }) => written)).toEqual([
      '<TICKER>',
      '<DATE>',
      '<TIME>',
      '<OPEN>',
      'Close*',
      'Adj Close**',
    ]);
    expect((await reader.read('<DATE>\t<TIME>\t<OPEN>\t<HIGH>\n2024.01.02\t00:00:00\t1\t2\n')).headers).toEqual([
      'DATE',
      'TIME',
      'OPEN',
      'HIGH',
    ]);
  });

  it('reads the three header lines of yfinance', async () => {
    const rows = '2024-01-02,1.5,2,0.5,1,10\n';
    const expected = {
      headers: ['Date', 'Close', 'High', 'Low', 'Open', 'Volume'],
      rows: [['2024-01-02', '1.5', '2', '0.5', '1', '10']],
      facts: { symbol: 'AAPL', header: 'found' },
    };
    const read = await reader.read(
      `Price,Close,High,Low,Open,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\nDate,,,,,\n${rows}`,
    );
    expect(read).toMatchObject(expected);
    expect(read.records[0]!.line).toBe(4);
    expect(
      await reader.read(`Ticker,AAPL,AAPL,AAPL,AAPL,AAPL\nPrice,Close,High,Low,Open,Volume\nDate,,,,,\n${rows}`),
    ).toMatchObject(expected);
    expect(
      await reader.read(`,Close,High,Low,Open,Volume\n,AAPL,AAPL,AAPL,AAPL,AAPL\nDate,,,,,\n${rows}`),
    ).toMatchObject(expected);
    expect(await reader.read(`Date,Close,High,Low,Open,Volume\n,AAPL,AAPL,AAPL,AAPL,AAPL\n${rows}`)).toMatchObject(
      expected,
    );
    await expect(
      reader.read(`Price,Close,Close,Open,Open\nTicker,AAPL,MSFT,AAPL,MSFT\nDate,,,,\n2024-01-02,1,2,1,2\n`),
    ).rejects.toMatchObject({ status: 422, code: 'bad_input', message: expect.stringContaining('AAPL, MSFT') });
  });

  it('passes titles, comments and blank lines above the header', async () => {
    for (const above of [
      'https://www.example.com\n',
      '# source: example\n# made on 2024-01-02\n\n',
      '\n\n',
      'Symbol,AAPL\n\n',
      'sep=,\n',
    ]) {
      const read = await reader.read(above + CSV);
      expect([above, read.headers, read.rows]).toEqual([above, NAMES, ROWS]);
      expect(read.records[0]!.line).toBe(above.split('\n').length + 1);
    }
    expect(await reader.read('date,close\n2024-01-02,1,,,\n2024-01-03,2,,,\n')).toMatchObject({
      headers: ['date', 'close'],
      facts: { header: 'found' },
    });
    expect((await reader.read(`#${CSV}`)).headers).toEqual(NAMES);
    expect((await reader.read(`x\ny\n${CSV}`, { skipRows: 2 })).headers).toEqual(NAMES);
  });

  it('keeps nameless and repeated names apart', async () => {
    const index = await reader.read(`,Open,Close\n2024-01-02,1,2\n`);
    expect(index.columns.map(({ name, written, index: isIndex }) => [name, written, isIndex])).toEqual([
      ['column_1', '', true],
      ['Open', 'Open', false],
      ['Close', 'Close', false],
    ]);
    const twice = await reader.read('Date,Close,Close\n2024-01-02,1,2\n');
    expect(twice.columns.map(({ name, repeats }) => [name, repeats])).toEqual([
      ['Date', false],
      ['Close', false],
      ['Close_2', true],
    ]);
    expect((await reader.read('Date,Open,Close,\n2024-01-02,1,2,\n')).headers).toEqual(['Date', 'Open', 'Close']);
    expect((await reader.read('Date,Open,Close,\n2024-01-02,1,2,x\n')).headers).toEqual([
      'Date',
      'Open',
      'Close',
      'column_4',
    ]);
  });

  it('reads every encoding and line end alike', async () => {
    for (const text of [
      `\ufeff${CSV}`,
      CSV.replaceAll('\n', '\r\n'),
      CSV.replaceAll('\n', '\r'),
      CSV.replaceAll(/[^,\n]+/g, '"$&"'),
    ])
      expect(await reader.read(text)).toMatchObject({ headers: NAMES, rows: ROWS });
    expect(
      await reader.read(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(CSV.replaceAll(',', ';'), 'utf16le')])),
    ).toMatchObject({ headers: NAMES, rows: ROWS });
    expect(await reader.read('')).toMatchObject({ headers: [], rows: [] });
  });
});

describe('M3 JSON as people have it', () => {
  const objects = [
    { t: '2024-01-02', o: 1, c: 2 },
    { t: '2024-01-03', o: 2, c: 3 },
  ];
  const rows = [
    ['2024-01-02', '1', '2'],
    ['2024-01-03', '2', '3'],
  ];

  it.each(['bars', 'results', 'values', 'data', 'candles', 'historical', 'whatever'])(
    'reads the list `%s` of an object',
    async (name) => {
      for (const indent of [0, 2]) {
        const read = await reader.read(
          JSON.stringify({ ticker: 'AAPL', count: 2, [name]: objects, next: null }, null, indent),
        );
        expect(read).toMatchObject({ headers: ['t', 'o', 'c'], rows, facts: { symbol: 'AAPL' } });
      }
      expect((await reader.read(JSON.stringify({ [name]: objects }, null, 2))).records.map(({ line }) => line)).toEqual(
        [3, 8],
      );
    },
  );

  it('reads arrays of arrays, as ccxt and Binance send them, by position', async () => {
    const klines = [
      [1704067200000, '1', '2'],
      [1704153600000, '2', '3'],
    ];
    const expected = {
      headers: ['column_1', 'column_2', 'column_3'],
      rows: klines.map((row) => row.map(String)),
      facts: { header: 'missing' },
    };
    for (const text of [
      JSON.stringify(klines),
      JSON.stringify(klines, null, 1),
      klines.map((row) => JSON.stringify(row)).join('\n'),
      JSON.stringify({ code: '0', data: klines }),
      JSON.stringify({ result: { symbol: 'BTCUSDT', list: klines } }),
    ]) {
      expect(await reader.read(text)).toMatchObject(expected);
    }
    expect(await reader.read('[["date","open"],["2024-01-02",1]]')).toMatchObject({
      headers: ['date', 'open'],
      rows: [['2024-01-02', '1']],
      facts: { header: 'found' },
    });
    expect((await reader.read('[[1,2],[1,2],{"a":1},[1,2,3]]')).records.map(({ fault }) => fault)).toEqual(
      [undefined, undefined, 'bad_record', 'bad_record'].map((fault, i) => (i < 3 ? fault : undefined)),
    );
  });

  it('reads the tables of alphavantage and of pandas', async () => {
    const daily = {
      'Meta Data': { '2. Symbol': 'IBM', '5. Time Zone': 'US/Eastern' },
      'Time Series (Daily)': {
        '2024-01-03': { '1. open': '1', '4. close': '2' },
        '2024-01-02': { '1. open': '3', '4. close': '4' },
      },
    };
    expect(await reader.read(JSON.stringify(daily, null, 4))).toMatchObject({
      headers: ['timestamp', 'open', 'close'],
      rows: [
        ['2024-01-03', '1', '2'],
        ['2024-01-02', '3', '4'],
      ],
      facts: { symbol: 'IBM', timezone: 'US/Eastern' },
    });
    expect(
      await reader.read('{"open":{"1704153600000":1,"1704240000000":2},"close":{"1704153600000":3,"1704240000000":4}}'),
    ).toMatchObject({
      headers: ['timestamp', 'open', 'close'],
      rows: [
        ['1704153600000', '1', '3'],
        ['1704240000000', '2', '4'],
      ],
    });
    expect(await reader.read('{"0":{"date":"2024-01-02","open":1},"1":{"date":"2024-01-03","open":2}}')).toMatchObject({
      headers: ['column_1', 'date', 'open'],
      rows: [
        ['0', '2024-01-02', '1'],
        ['1', '2024-01-03', '2'],
      ],
    });
    expect(
      await reader.read('{"columns":["open","close"],"index":["2024-01-02","2024-01-03"],"data":[[1,2],[3,4]]}'),
    ).toMatchObject({
      headers: ['timestamp', 'open', 'close'],
      rows: [
        ['2024-01-02', '1', '2'],
        ['2024-01-03', '3', '4'],
      ],
    });
    expect(await reader.read('{"c":[1,2],"o":[3,4],"t":[1704153600,1704240000],"s":"ok"}')).toMatchObject({
      headers: ['c', 'o', 't'],
      rows: [
        ['1', '3', '1704153600'],
        ['2', '4', '1704240000'],
      ],
    });
  });

  it('keeps objects on lines apart from objects that hold rows', async () => {
    const detect = (text: string): string | undefined => detectFormat(Buffer.from(text), 'none')?.format;
    expect(
      [
        '{"a":1}\n',
        '{"a":1}\n{"a":2}\n',
        '{"a":1,"tags":["x"]}\n{"a":2}\n',
        '{\n "a": 1\n}\n',
        '{"bars":[{"a":1}]}',
        '[[1],[2]]',
        '[1]\n[2]\n',
      ].map(detect),
    ).toEqual(['ndjson', 'ndjson', 'ndjson', 'json', 'json', 'json', 'ndjson']);
    expect(await reader.read('{\n"date":"2024-01-02","open":1\n}')).toMatchObject({
      headers: ['date', 'open'],
      rows: [['2024-01-02', '1']],
    });
    expect(await reader.read('{"results":[]}', { format: 'json' })).toMatchObject({ headers: [], rows: [] });
    // No member of every object is a cell.
    expect((await reader.read('{"toString":1,"a":1}\n{"a":2}\n')).rows).toEqual([
      ['1', '1'],
      [null, '2'],
    ]);
  });

  it('says where a document is none, and which lists it has', async () => {
    await expect(reader.read('{"bars":[\n{"a":1},\n{"a":}]}')).rejects.toMatchObject({
      status: 422,
      code: 'parse_error',
      options: { members: { line: 3 } },
    });
    await expect(reader.read('{"bars":[{"a":1}')).rejects.toMatchObject({ status: 422, code: 'parse_error' });
    await expect(reader.read('{"x":[{"a":1}],"y":[{"b":1}]}')).rejects.toMatchObject({
      status: 422,
      code: 'bad_input',
      message: expect.stringContaining('x, y'),
    });
  });
});

/** A zip of texts, with the options of the writer for each. */
async function zip(members: Record<string, string | Buffer>, options: Record<string, unknown> = {}): Promise<Buffer> {
  const file = new ZipFile();
  for (const [name, content] of Object.entries(members)) file.addBuffer(Buffer.from(content), name, options);
  file.end();
  const chunks: Buffer[] = [];
  for await (const chunk of file.outputStream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A zip whose one name is written over, as no writer lets it be. */
async function renamed(name: string): Promise<Buffer> {
  const written = 'x'.repeat(name.length);
  const bytes = await zip({ [written]: CSV });
  return Buffer.from(bytes.toString('latin1').replaceAll(written, name), 'latin1');
}

describe('F10 zip archives', () => {
  it('reads the members in the order of their names as one file', async () => {
    const member = (i: number): string => `${NAMES.join(',')}\n${BARS[i]}\n`;
    for (const options of [{}, { compress: false }, { forceZip64Format: true }]) {
      const read = await reader.read(
        await zip(
          {
            'b.csv': member(1),
            'a.csv': member(0),
            'readme.txt': 'Bars, of two days.\n',
            'notes.txt': 'nothing\nmuch\n',
            'chart.png': '\x89PNG\0',
          },
          options,
        ),
      );
      expect(read).toMatchObject({
        headers: NAMES,
        rows: ROWS,
        facts: { members: { read: ['a.csv', 'b.csv'], skipped: ['chart.png', 'notes.txt', 'readme.txt'] } },
      });
      expect(read.records.map(({ member, line, position }) => [member, line, position])).toEqual([
        ['a.csv', 2, 2],
        ['b.csv', 2, 4],
      ]);
    }
  });

  it('reads members without header, in other orders and formats as the same columns', async () => {
    expect(await reader.read(await zip({ 'a.csv': `${BARS[0]}\n`, 'b.csv': `${BARS[1]}\n` }))).toMatchObject({
      headers: NAMES.map((_, i) => `column_${i + 1}`),
      rows: ROWS,
      facts: { header: 'missing' },
    });
    expect(
      await reader.read(await zip({ 'a.csv': `${BARS[0]}\n`, 'b.csv': `${NAMES.join(',')}\n${BARS[1]}\n` })),
    ).toMatchObject({ headers: NAMES, rows: ROWS });
    expect(
      await reader.read(
        await zip({
          'a.csv': 'Date,Open\n2024-01-02,1\n',
          'b.csv': 'Open;Date\n2;2024-01-03\n',
          'c.json': '[{"Open":3,"Date":"2024-01-04"}]',
        }),
      ),
    ).toMatchObject({
      rows: [
        ['2024-01-02', '1'],
        ['2024-01-03', '2'],
        ['2024-01-04', '3'],
      ],
    });
  });

  it('leaves out tables with other columns, unless nobody can say which are meant', async () => {
    const other = 'Symbol,Name\nAAPL,Apple\n';
    expect(await reader.read(await zip({ 'a.csv': CSV, 'b.csv': CSV, 'c.csv': other }))).toMatchObject({
      facts: { members: { read: ['a.csv', 'b.csv'], skipped: ['c.csv'] } },
    });
    await expect(reader.read(await zip({ 'a.csv': CSV, 'b.csv': other }))).rejects.toMatchObject({
      status: 422,
      code: 'bad_input',
      message: expect.stringMatching(/a\.csv.*b\.csv/),
    });
  });

  it('scenario 19: refuses bombs, unsafe names, and archives within archives', async () => {
    const bomb = { 'a.csv': Buffer.alloc(10 * 1_048_576) };
    const link = new ZipFile();
    link.addBuffer(Buffer.from('/etc/passwd'), 'a.csv', { mode: 0o120777 });
    link.end();
    const linked: Buffer[] = [];
    for await (const chunk of link.outputStream as AsyncIterable<Buffer>) linked.push(chunk);
    const many = Object.fromEntries(Array.from({ length: 2_001 }, (_, i) => [`${i}.csv`, 'a,b\n1,2\n']));
    const encrypted = await zip({ 'a.csv': CSV });
    for (const signature of ['PK\x03\x04', 'PK\x01\x02'])
      encrypted[encrypted.indexOf(signature, 0, 'latin1') + (signature[2] === '\x03' ? 6 : 8)]! |= 1;
    const files: [string, Buffer][] = [
      ['bomb', await zip(bomb)],
      ['path', await renamed('../../x')],
      ['absolute', await renamed('/etc/xy')],
      ['drive', await renamed('C:/data')],
      ['backslash', await renamed('..\\..\\x')],
      ['NUL', await renamed('a\0b.csv')],
      ['link', Buffer.concat(linked)],
      ['many', await zip(many)],
      ['nested by name', await zip({ 'a.zip': 'x' })],
      ['nested by content', await zip({ 'a.csv': await zip({ 'b.csv': CSV }) })],
      ['encrypted', encrypted],
    ];
    for (const [name, bytes] of files)
      expect([name, await reader.read(bytes).catch((error: unknown) => error)]).toMatchObject([
        name,
        { status: 422, code: 'archive_rejected' },
      ]);
  });

  it('refuses damaged members, whatever was read before', async () => {
    const text = `${NAMES.join(',')}\n${Array.from(
      { length: 5_000 },
      (_, i) => `2024-01-02,` + `${i},2,0.5,1.5,10`,
    ).join('\n')}\n`;
    const whole = await zip({ 'a.csv': CSV, 'b.csv': text });
    const at = whole.indexOf('b.csv') + 2_000;
    for (const bytes of [
      whole.subarray(0, whole.length - 30),
      whole.subarray(0, 2_000),
      Buffer.from(whole).fill(0x55, at, at + 20),
    ]) {
      await expect(reader.read(bytes)).rejects.toMatchObject({ status: 422, code: 'bad_input' });
    }
    const stored = await zip({ 'a.csv': text }, { compress: false });
    stored[stored.indexOf('4321,2')] = 0x39;
    await expect(reader.read(stored)).rejects.toMatchObject({
      status: 422,
      code: 'bad_input',
      message: expect.stringContaining('a.csv'),
    });
  });

  it('names member and line of what cannot be read', async () => {
    await expect(reader.read(await zip({ 'a.csv': CSV, 'b.csv': `${CSV}2024-01-04,"1\n` }))).rejects.toMatchObject({
      code: 'parse_error',
      message: expect.stringMatching(/^b\.csv:4: /),
      options: { members: { line: 4, member: 'b.csv' } },
    });
  });
});

/** A stream of pyarrow with one column `open` of one row, 1.0. */
const NAMED = Buffer.from(
  [
    '/////3gAAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAEAAAAUAAAAEAAUAAgABgAHAAwAAAAQABAAAAAA' +
      'AAEDEAAAABwAAAAEAAAAAAAAAAQAAABvcGVuAAAGAA',
    'gABgAGAAAAAAACAAAAAAD/////iAAAABQAAAAAAAAADAAWAAYABQAIAAwADAAAAAADBAAYAAAACAAAAAAAAAAAAAoAGAAMAAQACAAKAAAAPA' +
      'AAABAAAAABAAAAAAAAAAAAAAACAAAAAAAAAAAAAAAA',
    'AAAAAAAAAAAAAAAAAAAACAAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAADwP/////8AAAAA',
  ].join(''),
  'base64',
);

describe('F4, F5: Arrow as the format allows it', () => {
  it('names a nameless field by its position', async () => {
    expect(await reader.read(NAMED)).toMatchObject({ headers: ['open'], rows: [['1']] });
    const outcomes = await Promise.all(
      [56, 60, 64, 76].map((at) => {
        const bytes = Buffer.from(NAMED);
        bytes[at] = 0;
        return reader.read(bytes).then(
          ({ headers, rows }) => [headers, rows],
          (error: { status?: number }) => error.status,
        );
      }),
    );
    expect(outcomes).toEqual([expect.anything(), expect.anything(), expect.anything(), expect.anything()]);
    for (const outcome of outcomes)
      expect([422, JSON.stringify([['column_1'], [['1']]])]).toContain(
        typeof outcome === 'number' ? outcome : JSON.stringify(outcome),
      );
    expect(outcomes.map((outcome) => typeof outcome)).toContain('object');
  });

  it('refuses Feather version 1 and other foreign kinds by name', () => {
    expect(refusalOfForeign(Buffer.from('FEA1\0\0\0\0'))).toMatch(/Feather version 1.*version 2/);
    expect(refusalOfForeign(Buffer.from([0xd0, 0xcf, 0x11, 0xe0]))).toMatch(/Excel/);
    expect(refusalOfForeign(Buffer.from('MZ\x90\0'))).toBeNull();
  });
});

describe('columns of two levels, as yfinance writes them to Parquet', () => {
  it('have the names of the one level and the symbol of the other', () => {
    const names = ['Close', 'High', 'Low', 'Open', 'Volume', 'Date'];
    const written = names.map((name) => (name === 'Date' ? name : `('${name}', 'AAPL')`));
    expect(twoLevels(written)).toEqual({ names, symbol: 'AAPL' });
    expect(twoLevels(names.map((name) => `('${name === 'Date' ? '' : 'AAPL'}', '${name}')`))).toEqual({
      names,
      symbol: 'AAPL',
    });
    expect(twoLevels(["('Date', '')", ...names.slice(0, 5).map((name) => `('AAPL', '${name}')`)])).toEqual({
      names: ['Date', ...names.slice(0, 5)],
      symbol: 'AAPL',
    });
    expect(twoLevels(names)).toBeNull();
    expect(() => twoLevels(["('Close', 'AAPL')", "('Close', 'MSFT')", 'Date'])).toThrow(
      '2 symbols side by side (AAPL, MSFT)',
    );
  });
});
