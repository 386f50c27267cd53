import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestApi } from './support/index.ts';

const HEADER = 'Date,Open,High,Low,Close,Volume\n';
const FREE = {
  ALPHASWARM_RATE_PRINCIPAL: '100000',
  ALPHASWARM_RATE_WRITE: '100000',
  ALPHASWARM_RATE_ORG: '100000',
  ALPHASWARM_RATE_IP: '100000',
};

describe('files that traders bring', () => {
  let api: TestApi;
  let token: string;

  beforeAll(async () => {
    api = await TestApi.start({ env: FREE });
    token = await api.token('ann', { role: 'owner' });
  });
  afterAll(() => api.stop());

  const upload = async (content: string | Uint8Array, name?: string, by = token): Promise<string> => {
    const query = name === undefined ? '' : `?filename=${encodeURIComponent(name)}`;
    const { status, body } = await api.post(`/ingest/uploads${query}`, content, {
      token: by,
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect([status, body.code]).toEqual([201, undefined]);
    return body.upload_id;
  };
  const source = async (
    content: string | Uint8Array,
    name?: string,
    by?: string,
  ): Promise<Record<string, unknown>> => ({ kind: 'upload', upload_id: await upload(content, name, by) });
  const start = async (content: string | Uint8Array, body: Record<string, unknown>, name?: string): Promise<any> =>
    api.post('/ingest/runs', { source: await source(content, name), ...body }, { token });
  const ended = async (started: any, by = token): Promise<any> => {
    expect([started.status, started.body.detail]).toEqual([202, undefined]);
    for (let i = 0; i < 400; i++) {
      const run = (await api.get(`/ingest/runs/${started.body.run_id}`, { token: by })).body;
      if (!['queued', 'running', 'validating', 'committing', 'verifying'].includes(run.status)) return run;
      await sleep(10);
    }
    throw new Error('the run did not end');
  };
  const ingest = async (content: string | Uint8Array, body: Record<string, unknown>, name?: string): Promise<any> =>
    ended(await start(content, body, name));
  const preview = async (
    content: string | Uint8Array,
    body: Record<string, unknown> = {},
    name?: string,
  ): Promise<any> => api.post('/ingest/preview', { upload_id: await upload(content, name), ...body }, { token });
  const bars = async (symbol: string, interval = '1d'): Promise<any[]> =>
    (
      await api.get(
        `/data/${symbol}/bars?interval=${interval}&session=all&normalization=raw&start=2000-01-01&limit=5000`,
        { token },
      )
    ).body.bars;
  const constants = (vtSymbol: string, interval = '1d'): Record<string, unknown> => ({
    constants: { vt_symbol: vtSymbol, interval },
  });

  const two = (n: number): string => String(n).padStart(2, '0');
  const minutes = (date: string, separator: string, day: string): string =>
    Array.from({ length: 390 }, (_, i) => {
      const at = 570 + i;
      const price = 100 + i / 4;
      return [
        date,
        `${two(Math.floor(at / 60))}:${two(at % 60)}`,
        price,
        price + 0.5,
        price - 0.25,
        price + 0.25,
        1_000 + i + Number(day),
      ].join(separator);
    }).join('\n');

  describe('F2: date and time of day in two columns', () => {
    const metatrader =
      `<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<VOL>\n` +
      `${minutes('2024-01-02', '\t', '2')}\n${minutes('2024-01-03', '\t', '3')}\n`;
    const plain =
      `Date,Time,Open,High,Low,Close,Volume\n` +
      `${minutes('2024-01-02', ',', '2')}\n${minutes('2024-01-03', ',', '3')}\n`;

    it('are joined, by their headers and by the mapping', async () => {
      for (const [symbol, content, columns] of [
        ['FTA.NASDAQ', metatrader, {}],
        ['FTB.NASDAQ', metatrader, { '<DATE>': 'timestamp', '<TIME>': 'time' }],
        ['FTC.NASDAQ', plain, {}],
        ['FTD.NASDAQ', metatrader, { '<DATE>': 'timestamp' }],
      ] as const) {
        expect(await ingest(content, { mapping: { columns, ...constants(symbol, '1m') } })).toMatchObject({
          status: 'succeeded',
          rows_read: 780,
          rows_written: 780,
          rows_duplicate: 0,
        });
        const stored = await bars(symbol, '1m');
        expect(stored).toHaveLength(780);
        expect([stored[0], stored[390]]).toMatchObject([
          { timestamp: '2024-01-02T14:30:00Z', open: 100 },
          { timestamp: '2024-01-03T14:30:00Z', open: 100 },
        ]);
      }
    });

    it('refuse intraday bars that are left without a time of day, with the columns named', async () => {
      const mapping = { columns: { '<DATE>': 'timestamp', '<TIME>': null }, ...constants('FTE.NASDAQ', '1m') };
      expect(await start(metatrader, { mapping })).toMatchObject({
        status: 422,
        body: {
          code: 'missing_column',
          detail: expect.stringMatching(/time of day.*DATE.*2024-01-02.*TIME/),
          errors: [{ pointer: '/mapping/columns', code: 'missing_column' }],
        },
      });
      expect(await preview(metatrader, { mapping })).toMatchObject({
        status: 200,
        body: {
          validation: {
            rows_read: 780,
            rows_ok: 0,
            reasons: { ts_misaligned: 780 },
            warnings: expect.arrayContaining([expect.objectContaining({ code: 'missing_column' })]),
          },
        },
      });
      const mixed =
        `Date,Open,High,Low,Close\n2024-01-02 ` +
        `09:30,1,1,1,1\n${Array.from({ length: 20 }, (_, i) => `2024-01-02 ` + `10:${two(i)},1,1,1,1`).join(
          '\n',
        )}\n2024-01-03,1,1,1,1\n`;
      expect(await ingest(mixed, { mapping: constants('FTF.NASDAQ', '1m') })).toMatchObject({
        status: 'partially_succeeded',
        refusals: [{ code: 'ts_misaligned', column: 'Date', count: 1, values: ['2024-01-03'], first_line: 23 }],
      });
    });

    const companies =
      'Name,date,open,high,low,close\nAAL,2024-01-02,10,11,9,10\n' +
      'AAP,2024-01-02,60,61,59,60\nAAPL,2024-01-02,185,186,184,185\n';

    it('fail the run when rows replace each other with other values', async () => {
      expect(await ingest(companies, { mapping: constants('KAG.NASDAQ') })).toMatchObject({
        status: 'failed',
        rows_written: 0,
        commits: [],
        error: {
          code: 'too_many_replaced',
          message: expect.stringMatching(/2 of 3 rows.*KAG\.NASDAQ 1d 2024-01-02.*5 %.*validation\.max_replaced_ratio/),
        },
      });
      expect((await api.get('/data/KAG.NASDAQ/bars', { token })).status).toBe(404);
      expect((await preview(companies, { mapping: constants('KAG.NASDAQ') })).body.validation.warnings).toEqual(
        expect.arrayContaining([expect.objectContaining({ code: 'too_many_replaced', count: 2, first_line: 2 })]),
      );
      expect(
        await ingest(companies, { mapping: constants('KAG.NASDAQ'), validation: { max_replaced_ratio: 0.7 } }),
      ).toMatchObject({ status: 'succeeded', rows_written: 1, rows_duplicate: 2 });
      expect(await bars('KAG.NASDAQ')).toMatchObject([{ close: 185 }]);
      expect(
        await ingest(companies, {
          mapping: { columns: { Name: 'vt_symbol' }, constants: { exchange: 'NASDAQ', interval: '1d' } },
        }),
      ).toMatchObject({ status: 'succeeded', rows_written: 3 });
    });

    it('count neither equal rows nor keys stored with other values, and one of three is too many', async () => {
      const day = (close: number): string => `2024-01-02,10,12,9,${close},1\n`;
      expect(await ingest(HEADER + day(10).repeat(3), { mapping: constants('EQU.NASDAQ') })).toMatchObject({
        status: 'succeeded',
        rows_written: 1,
        rows_duplicate: 2,
      });
      expect(await ingest(HEADER + day(11), { mapping: constants('EQU.NASDAQ') })).toMatchObject({
        status: 'succeeded',
        rows_written: 1,
      });
      expect(
        await ingest(`${HEADER}${day(10)}${day(11)}2024-01-03,1,1,1,1,1\n`, { mapping: constants('EQT.NASDAQ') }),
      ).toMatchObject({ status: 'failed', error: { code: 'too_many_replaced' } });
      const many = Array.from(
        { length: 39 },
        (_, i) => `2024-0${3 + Math.floor(i / 20)}-${two(1 + (i % 20))},1,1,1,1,1\n`,
      ).join('');
      expect(await ingest(`${HEADER}${day(10)}${day(11)}${many}`, { mapping: constants('EQL.NASDAQ') })).toMatchObject({
        status: 'succeeded',
        rows_duplicate: 1,
        warnings: expect.arrayContaining([expect.objectContaining({ code: 'dup_conflict', count: 1 })]),
      });
      expect((await bars('EQL.NASDAQ'))[0].close).toBe(11);
      expect(
        (await start(HEADER + day(1), { mapping: constants('EQU.NASDAQ'), validation: { max_replaced_ratio: 1.5 } }))
          .body,
      ).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/validation/max_replaced_ratio' }] });
    });
  });

  it('F3: options that contradict each other or name nothing are refused at the request', async () => {
    const semicolons = 'date;open;high;low;close;volume\n2024-01-02;1.100;1.104;1.099;1.101;1.000\n';
    const plain = `${HEADER}2024-01-02,1,2,0.5,1.5,10\n`;
    const cases: [string, Record<string, unknown>, string, string, RegExp][] = [
      [
        semicolons,
        { parse: { delimiter: ';', thousands: '.' }, mapping: constants('FTH.NASDAQ') },
        'contradictory_options',
        '/parse/thousands',
        /"\.".*","/,
      ],
      [
        semicolons,
        { parse: { thousands: ',', decimal: ',' }, mapping: constants('FTH.NASDAQ') },
        'contradictory_options',
        '/parse/thousands',
        /","/,
      ],
      [
        plain,
        { parse: { date_format: '%Y-%m-%d', epoch_unit: 's' }, mapping: constants('FTH.NASDAQ') },
        'contradictory_options',
        '/parse/epoch_unit',
        /%Y-%m-%d/,
      ],
      [
        plain,
        { parse: { delimiter: '"' }, mapping: constants('FTH.NASDAQ') },
        'contradictory_options',
        '/parse/delimiter',
        /quote/,
      ],
      [
        plain,
        { mapping: { columns: { Nope: 'close' }, ...constants('FTH.NASDAQ') } },
        'unknown_header',
        '/mapping/columns/Nope',
        /Date, Open, High, Low, Close, Volume/,
      ],
      [
        plain,
        { mapping: { columns: { Date: 'split' }, ...constants('FTH.NASDAQ') } },
        'contradictory_options',
        '/mapping/prices',
        /raw/,
      ],
      ...['60m', '30m', '1mo', '4h', 'daily'].map(
        (interval): [string, Record<string, unknown>, string, string, RegExp] => [
          plain,
          { mapping: constants('FTH.NASDAQ', interval) },
          'bad_interval',
          '/mapping/constants/interval',
          new RegExp(`"${interval}"; accepted: .*1m.*1d`),
        ],
      ),
      [
        plain,
        { mapping: constants('FTH.NASDAQ', '1m'), target: { table: 'bars_daily' } },
        'contradictory_options',
        '/target/table',
        /bars_daily.*1d, 1w.*"1m"/,
      ],
      [
        plain,
        { mapping: { constants: { vt_symbol: 'FTH.NASDAQ' } } },
        'missing_column',
        '/mapping/constants/interval',
        /interval.*1d/,
      ],
      [
        plain,
        { mapping: { constants: { interval: '1d' } } },
        'missing_column',
        '/mapping/constants/vt_symbol',
        /vt_symbol/,
      ],
      [
        plain,
        { mapping: constants('FTH') },
        'bad_symbol',
        '/mapping/constants/vt_symbol',
        /"FTH".*mapping\.constants\.exchange/,
      ],
      [plain, { mapping: constants('FTH.MOON') }, 'unknown_exchange', '/mapping/constants/vt_symbol', /"FTH.MOON"/],
      [
        plain,
        { mapping: { constants: { vt_symbol: 'FTH', exchange: 'MOON', interval: '1d' } } },
        'unknown_exchange',
        '/mapping/constants/exchange',
        /"MOON".*NASDAQ/,
      ],
      [
        plain,
        { mapping: { ...constants('FTH.NASDAQ'), suffixes: { '.L': 'MOON' } } },
        'unknown_exchange',
        '/mapping/suffixes/.L',
        /"MOON"/,
      ],
      [
        plain,
        { mapping: constants('FTH.NASDAQ'), preset: 'bloomberg' },
        'validation_failed',
        '/preset',
        /yahoo, stooq, binance, alphavantage, tradingview, metatrader, polygon/,
      ],
    ];
    for (const [content, body, code, pointer, words] of cases) {
      const { status, body: problem } = await start(content, body);
      expect([status, problem.code, problem.errors?.[0]]).toEqual([
        422,
        code,
        expect.objectContaining({ pointer, message: expect.stringMatching(words) }),
      ]);
    }
    const { rows } = await api.database.owner.query<{ n: string }>(
      "SELECT count(*) AS n FROM ingest_runs WHERE request::text LIKE '%FTH%'",
    );
    expect(rows[0]?.n).toBe('0');
    expect(await ingest(semicolons, { parse: { thousands: ',' }, mapping: constants('FTG.NASDAQ') })).toMatchObject({
      status: 'succeeded',
    });
    expect((await bars('FTG.NASDAQ'))[0]).toMatchObject({ open: 1.1, close: 1.101, volume: 1 });
    // A mapping that leaves out what the file does not have has no effect, and is told.
    expect(
      await ingest(plain, { mapping: { columns: { 'Adj Close': null }, ...constants('FTG.NASDAQ') } }),
    ).toMatchObject({
      status: 'succeeded',
      warnings: expect.arrayContaining([expect.objectContaining({ code: 'unknown_header', columns: ['Adj Close'] })]),
    });
  });

  it('F3: refuses before anything is recorded of it, the idempotency key included', async () => {
    const content = `${HEADER}2024-01-02,1,2,0.5,1.5,10\n`;
    const upload_id = await upload(content);
    const headers = { 'idempotency-key': 'own-files-1' };
    const send = (columns: Record<string, string>): Promise<any> =>
      api.post(
        '/ingest/runs',
        { source: { kind: 'upload', upload_id }, mapping: { columns, ...constants('IDM.NASDAQ') } },
        { token, headers },
      );
    expect((await send({ Nope: 'close' })).body.code).toBe('unknown_header');
    const started = await send({});
    expect(started.status).toBe(202);
    expect((await send({})).headers.get('idempotent-replayed')).toBe('true');
    expect(await ended(started)).toMatchObject({ status: 'succeeded' });
  });

  it('F6: a nameless index of dates is the timestamp, one of integers is nothing', async () => {
    const mapping = constants('IDX.NASDAQ');
    for (const header of ['', '__index_level_0__', 'index', 'Unnamed: 0']) {
      expect([
        header,
        await ingest(`${header},Open,High,Low,Close\n2024-01-02,1,2,0.5,1.5\n`, { mapping }),
      ]).toMatchObject([header, { status: 'succeeded', rows_quarantined: 0, rows_read: 1 }]);
      const numbered = await ingest(
        `${header},Date,Open,High,Low,Close\n0,2024-01-03,1,2,0.5,1.5\n1,2024-01-04,1,2,0.5,1.5\n`,
        { mapping },
      );
      expect([header, numbered]).toMatchObject([
        header,
        {
          status: 'succeeded',
          rows_quarantined: 0,
          warnings: expect.arrayContaining([expect.objectContaining({ code: 'column_ignored', count: 1 })]),
        },
      ]);
    }
    expect((await bars('IDX.NASDAQ')).map(({ session_date }) => session_date)).toEqual([
      '2024-01-02',
      '2024-01-03',
      '2024-01-04',
    ]);
    expect((await start('_hidden,Date,Open,High,Low,Close\n1,2024-01-02,1,1,1,1\n', { mapping })).body.code).toBe(
      'reserved_column',
    );
    expect((await start('index,Open,High,Low,Close\n0,1,1,1,1\n', { mapping })).body).toMatchObject({
      code: 'missing_column',
      detail: expect.stringMatching(/timestamp.*index, Open, High, Low, Close/),
    });
  });

  it('F7: daily bars as instants of midnight, open or close of the exchange are of their session', async () => {
    const row = (time: string): string => `time,open,high,low,close\n${time},1,2,0.5,1.5\n`;
    for (const timezone of [undefined, 'America/New_York']) {
      for (const time of [
        '2024-01-02',
        '2024-01-02T05:00:00Z',
        '1704171600000',
        '1704205800',
        '2024-01-02T21:00:00Z',
        '2024-01-02 16:00',
        '2024-01-02 00:00:00-05:00',
        '2024-01-02T00:00:00Z',
      ]) {
        const { body } = await preview(row(time), {
          mapping: constants('DAY.NASDAQ'),
          ...(timezone === undefined ? {} : { timezone }),
        });
        expect([time, timezone, body.validation]).toMatchObject([time, timezone, { rows_ok: 1, reasons: {} }]);
      }
      expect(
        await ingest(row('1704205800'), {
          mapping: constants('DAY.NASDAQ'),
          ...(timezone === undefined ? {} : { timezone }),
        }),
      ).toMatchObject({ status: 'succeeded' });
    }
    expect((await bars('DAY.NASDAQ')).map(({ session_date }) => session_date)).toEqual(['2024-01-02']);
    expect(await ingest(row('2024-07-03T17:00:00Z'), { mapping: constants('ERL.NASDAQ') })).toMatchObject({
      status: 'succeeded',
    });
    expect((await bars('ERL.NASDAQ'))[0].session_date).toBe('2024-07-03');
    const refused = await ingest(row('2024-01-02T18:00:00Z'), { mapping: constants('DAY.NASDAQ') });
    expect(refused).toMatchObject({
      status: 'failed',
      refusals: [
        {
          code: 'ts_misaligned',
          column: 'time',
          values: ['2024-01-02T18:00:00Z'],
          message: expect.stringMatching(/2024-01-02.*14:30:00Z to 2024-01-02T21:00:00Z/),
        },
      ],
    });
    expect(await ingest(row('2024-01-19T21:00:00Z'), { mapping: constants('WEE.NASDAQ', '1w') })).toMatchObject({
      status: 'succeeded',
    });
    expect((await bars('WEE.NASDAQ', '1w'))[0].session_date).toBe('2024-01-16');
  });

  it('F9: a wrong guess about the file names what is missing, what the file has, and what to try', async () => {
    const shapes: [string, RegExp][] = [
      [
        '1704153600000,1,2,0.5,1.5,10\n1704153660000,1,2,0.5,1.5,10\n',
        /timestamp.*column_1, column_2.*no header.*preset/,
      ],
      [
        'Datum,Open,High,Low,Close\n2024-01-02,1,2,0.5,1.5\n',
        /No column for timestamp; the file has: Datum, Open, High, Low, Close\. Is the first line a header\?/,
      ],
      ['Open time,Open,High,Low,Close\n2024-01-02,1,2,0.5,1.5\n', /timestamp; the file has: Open time, Open/],
    ];
    for (const [content, words] of shapes) {
      expect(await start(content, { mapping: constants('GUE.BINANCE') })).toMatchObject({
        status: 422,
        body: {
          code: 'missing_column',
          detail: expect.stringMatching(words),
          errors: expect.arrayContaining([expect.objectContaining({ pointer: '/mapping/columns' })]),
        },
      });
      expect((await preview(content, { mapping: constants('GUE.BINANCE') })).body.validation.warnings).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ code: 'missing_column', message: expect.stringMatching(words) }),
        ]),
      );
    }
    expect(
      await ingest('<DATE>;<OPEN>;<HIGH>;<LOW>;<CLOSE*>\n2024-01-02;1;2;0.5;1.5\n', {
        mapping: constants('GUE.NASDAQ'),
      }),
    ).toMatchObject({ status: 'succeeded', rows_written: 1 });
    expect((await preview('date,0,1,1,open\n2024-01-02,a,b,c,1\n', { parse: { header: true } })).body).toMatchObject({
      columns: [{ name: 'date' }, { name: '0' }, { name: '1' }, { name: '1_2' }, { name: 'open' }],
      rows: [{ date: '2024-01-02', 0: 'a', 1: 'b', '1_2': 'c', open: '1' }],
    });
  });

  it('F9: a refused row, the run and its job say column and value', async () => {
    const content =
      `${HEADER}2024-01-02,1,2,0.5,x,10\n2024-01-03,1,2,0.5,,10\n2024-01-04,1,2,0.5,"1,5",10\n` +
      `yesterday,1,2,0.5,1.5,10\n2024-01-05,1,2,0.5,y,-1\n2024-01-08,1,2,0.5,z,10\n2024-01-09,1,2,0.5,1.5,10\n`;
    const run = await ingest(content, { mapping: constants('SAY.NASDAQ') });
    expect(run).toMatchObject({
      status: 'failed',
      rows_read: 7,
      rows_quarantined: 6,
      error: {
        code: 'too_many_rejects',
        message: expect.stringMatching(/6 of 7.*bad_number 4 in Close: "x", "1,5", "y"/),
      },
      refusals: [
        { code: 'missing_required', column: 'Close', count: 1, first_line: 3, values: [''] },
        { code: 'bad_number', column: 'Close', count: 4, first_line: 2, values: ['x', '1,5', 'y'] },
        { code: 'volume_negative', column: 'Volume', count: 1, first_line: 6, values: ['-1'] },
        { code: 'ts_unparseable', column: 'Date', count: 1, first_line: 5, values: ['yesterday'] },
      ],
    });
    const { body } = await api.get(`/ingest/runs/${run.id}/quarantine`, { token });
    expect(body.data.map((row: any) => [row.line, row.message])).toEqual([
      [2, 'bad number in Close: "x"'],
      [3, 'missing required in Close: ""'],
      [4, 'bad number in Close: "1,5"'],
      [
        5,
        'ts unparseable in Date: "yesterday" (not ISO 8601, YYYYMMDD or epoch; give parse.date_format, such as ' +
          '%d/%m/%Y)',
      ],
      [6, 'bad number in Close: "y", volume negative in Volume: "-1"'],
      [7, 'bad number in Close: "z"'],
    ]);
    const good = await ingest(content, { mapping: constants('SAY.NASDAQ'), validation: { max_reject_ratio: 1 } });
    const job = (await api.get(`/jobs/${good.task_id}`, { token })).body;
    expect(job.result).toMatchObject({
      status: 'partially_succeeded',
      rows_read: 7,
      rows_written: 1,
      rows_quarantined: 6,
      reasons: { bad_number: 4 },
      refusals: expect.arrayContaining([
        expect.objectContaining({ code: 'bad_number', column: 'Close', values: ['x', '1,5', 'y'] }),
      ]),
    });
    expect((await api.get(`/jobs/${run.task_id}`, { token })).body.error).toMatchObject({
      code: 'too_many_rejects',
      message: expect.stringMatching(/6 of 7.*in Close/),
    });
  });

  it('F11: a date format in another dialect is refused with the dialect that is read', async () => {
    const content = 'date,open,high,low,close\n2024.01.02,1,2,0.5,1.5\n';
    for (const date_format of ['YYYY.MM.DD', 'MM/DD/YYYY', 'yyyyMMdd', '%Q', '%Y.%m', '%Y%Y%m%d']) {
      const { status, body } = await start(content, { parse: { date_format }, mapping: constants('FMT.NASDAQ') });
      expect([status, body.code, body.hint, body.errors]).toEqual([
        422,
        'bad_date_format',
        expect.stringMatching(/strptime, such as %Y\.%m\.%d/),
        [
          {
            pointer: '/parse/date_format',
            code: 'bad_date_format',
            message: expect.stringContaining(JSON.stringify(date_format)),
          },
        ],
      ]);
    }
    expect(
      (await start(content, { parse: { date_format: '%d/%m/%Y' }, mapping: constants('FMT.NASDAQ') })).body,
    ).toMatchObject({ code: 'bad_date_format', detail: expect.stringMatching(/fits none.*date.*"2024\.01\.02"/) });
    expect(
      await ingest(content, { parse: { date_format: '%Y.%m.%d' }, mapping: constants('FMT.NASDAQ') }),
    ).toMatchObject({ status: 'succeeded' });
    const document = (await api.get('/openapi.json', { token })).body;
    expect(JSON.stringify(document.components.schemas.StartIngestBody.properties.parse)).toMatch(
      /strptime, such as %Y\.%m\.%d/,
    );
  });

  it('M1: bare tickers have the exchange that the mapping gives, by constant or by suffix', async () => {
    const content =
      'ticker,date,open,high,low,close\nVOD.L,2024-01-02,1,2,0.5,1.5\n' +
      'BRK.B,2024-01-02,3,4,2.5,3.5\nAAPL,2024-01-02,5,6,4.5,5.5\nibm.nyse,2024-01-02,7,8,6.5,7.5\n';
    expect(
      await ingest(content, {
        mapping: { constants: { exchange: 'NASDAQ', interval: '1d' }, suffixes: { '.L': 'LSE' } },
      }),
    ).toMatchObject({ status: 'succeeded', rows_written: 4 });
    for (const [symbol, close] of [
      ['VOD.LSE', 1.5],
      ['BRK.B.NASDAQ', 3.5],
      ['AAPL.NASDAQ', 5.5],
      ['IBM.NYSE', 7.5],
    ] as const)
      expect([symbol, (await bars(symbol))[0]?.close]).toEqual([symbol, close]);
    const bare = await ingest(content, {
      mapping: { constants: { interval: '1d' }, suffixes: { '.L': 'LSE' } },
      validation: { max_reject_ratio: 1 },
    });
    expect(bare).toMatchObject({
      reasons: { bad_symbol: 1, unknown_exchange: 1 },
      refusals: [
        {
          code: 'bad_symbol',
          column: 'ticker',
          values: ['AAPL'],
          message: expect.stringMatching(/mapping\.constants\.exchange/),
        },
        { code: 'unknown_exchange', values: ['BRK.B'] },
      ],
    });
    expect(
      await ingest(`${HEADER}2024-01-02,1,2,0.5,1.5,1\n`, {
        mapping: { constants: { vt_symbol: 'msft', exchange: 'nasdaq', interval: '1d' } },
      }),
    ).toMatchObject({ status: 'succeeded' });
    expect((await bars('MSFT.NASDAQ'))[0].close).toBe(1.5);
  });

  it('M1: a file without symbols is of the symbol that it is named after', async () => {
    const content = `${HEADER}2024-01-02,1,2,0.5,1.5,1\n`;
    for (const [name, symbol, extra] of [
      ['NMA_NASDAQ.csv', 'NMA.NASDAQ', {}],
      ['nmb.csv.gz', 'NMB.LOCAL', {}],
      ['NMC.csv', 'NMC.NYSE', { exchange: 'NYSE' }],
      ['my bars.csv', undefined, {}],
    ] as const) {
      const mapping = { constants: { interval: '1d', ...extra } };
      if (symbol === undefined)
        expect((await start(content, { mapping }, name)).body).toMatchObject({
          code: 'missing_column',
          detail: expect.stringMatching(/vt_symbol/),
          hint: expect.stringMatching(/"my bars.csv" names none/),
        });
      else {
        expect(await ingest(content, { mapping }, name)).toMatchObject({ status: 'succeeded' });
        expect((await bars(symbol))[0].close).toBe(1.5);
      }
    }
  });

  it('F10: a row that is refused in an archive says its member and line', async () => {
    const archive = readFileSync('test/fixtures/vendors/by-symbol.zip');
    const run = await ingest(archive, {
      parse: { null_tokens: ['99'] },
      mapping: { constants: { interval: '1d' } },
      validation: { max_reject_ratio: 1 },
    });
    expect(run).toMatchObject({
      status: 'partially_succeeded',
      rows_read: 10,
      rows_written: 9,
      refusals: [{ code: 'missing_required', column: 'Close', values: ['99'] }],
    });
    const { body } = await api.get(`/ingest/runs/${run.id}/quarantine`, { token });
    expect(body.data).toMatchObject([
      { line: 'AAPL_NASDAQ.csv:3', codes: ['missing_required'], message: 'missing required in Close: "99"' },
    ]);
    expect((await api.get(`/ingest/runs/${run.id}/quarantine?format=csv`, { token })).text.split('\n')[1]).toMatch(
      /^AAPL_NASDAQ\.csv:3,/,
    );
  });

  it('M3: arrays of arrays and lists within an object are rows', async () => {
    const klines = JSON.stringify(
      Array.from({ length: 3 }, (_, i) => [
        1704153600000 + i * 60_000,
        '1',
        '2',
        '0.5',
        '1.5',
        '10',
        1704153659999 + i * 60_000,
        '15',
        4,
        '5',
        '7.5',
        '0',
      ]),
    );
    expect(await ingest(klines, { mapping: constants('KLA.BINANCE', '1m') })).toMatchObject({
      status: 'succeeded',
      rows_written: 3,
    });
    expect(await ingest(klines, { preset: 'binance', mapping: constants('KLB.BINANCE', '1m') })).toMatchObject({
      status: 'succeeded',
      rows_written: 3,
    });
    expect((await bars('KLB.BINANCE', '1m'))[0]).toMatchObject({
      timestamp: '2024-01-02T00:00:00Z',
      volume: 10,
      trade_count: 4,
    });
    expect(
      await ingest('{"bars":[{"t":"2024-01-02T05:00:00Z","o":1,"h":2,"l":0.5,"c":1.5,"v":10}],"symbol":"KLC"}', {
        mapping: constants('KLC.NASDAQ'),
      }),
    ).toMatchObject({ status: 'succeeded', rows_written: 1 });
  });

  it('M4: bars that are stamped at their end begin one interval before', async () => {
    const content = `timestamp,open,high,low,close\n${Array.from(
      { length: 390 },
      (_, i) => `2024-01-02 ` + `${two(Math.floor((571 + i) / 60))}:${two((571 + i) % 60)},1,2,0.5,1.5`,
    ).join('\n')}\n`;
    const run = await ingest(content, { parse: { label: 'end' }, mapping: constants('END.NASDAQ', '1m') });
    expect(run).toMatchObject({ status: 'succeeded', rows_written: 390 });
    expect(run.warnings.map(({ code }: any) => code)).toEqual(['unknown_symbol']);
    const stored = await bars('END.NASDAQ', '1m');
    expect([stored[0].timestamp, stored[389].timestamp]).toEqual(['2024-01-02T14:30:00Z', '2024-01-02T20:59:00Z']);
    expect(
      (await start(content, { parse: { label: 'middle' }, mapping: constants('END.NASDAQ', '1m') })).body.errors,
    ).toMatchObject([{ pointer: '/parse/label' }]);
  });

  it('M5: what the body says comes before the preset', async () => {
    const content = 'Date,Open,High,Low,Close,Adj Close,Volume\n02/01/2024,1,2,0.5,1.5,1.4,10\n';
    const run = await ingest(
      content,
      {
        preset: 'yahoo',
        parse: { date_format: '%d/%m/%Y' },
        mapping: { columns: { 'Adj Close': 'vwap' }, constants: { exchange: 'NYSE', interval: '1d' } },
      },
      'PRE.csv',
    );
    expect(run).toMatchObject({ status: 'succeeded' });
    expect((await bars('PRE.NYSE'))[0]).toMatchObject({ session_date: '2024-01-02', vwap: 1.4 });
    const shown = await preview(
      content,
      {
        parse: { date_format: '%d/%m/%Y' },
        mapping: { constants: { exchange: 'NYSE' } },
        validation: { session: 'strict' },
      },
      'PRE.csv',
    );
    expect(shown.body).toMatchObject({
      preset: 'yahoo',
      proposal: {
        source: { kind: 'upload' },
        preset: 'yahoo',
        parse: { date_format: '%d/%m/%Y' },
        mapping: { columns: {}, constants: { exchange: 'NYSE', interval: '1d' } },
        validation: { session: 'strict' },
      },
    });
    expect(await ended(await api.post('/ingest/runs', shown.body.proposal, { token }))).toMatchObject({
      status: 'succeeded',
    });
    expect((await preview(HEADER, {}, 'x.csv')).body.preset).toBeNull();
  });

  describe('M6: splits and dividends in columns', () => {
    const content =
      'date,open,high,low,close,volume,dividend_amount,split_coefficient\n' +
      '2024-01-02,100,101,99,100,10,0,1\n2024-01-03,50,51,49,50,20,0.5,2\n2024-01-04,50,51,49,50,20,,\n';
    const actions = async (symbol: string): Promise<unknown[]> =>
      (await api.get(`/data/${symbol}/actions`, { token })).body.data.map((row: any) => [
        row.kind,
        row.ex_date,
        row.ratio,
        row.cash_amount,
        row.currency,
        row.source_id,
      ]);

    it('become corporate actions of raw prices, once', async () => {
      const body = { mapping: { prices: 'raw', ...constants('ACT.NASDAQ') } };
      expect(await ingest(content, body)).toMatchObject({
        status: 'succeeded',
        rows_written: 3,
        warnings: [expect.objectContaining({ code: 'unknown_symbol' })],
      });
      const expected = [
        ['dividend', '2024-01-03', null, 0.5, null, 'upload'],
        ['split', '2024-01-03', 2, null, null, 'upload'],
      ];
      expect(await actions('ACT.NASDAQ')).toEqual(expected);
      await ingest(content, body);
      expect(await actions('ACT.NASDAQ')).toEqual(expected);
      const { bars: adjusted } = (await api.get('/data/ACT.NASDAQ/bars?normalization=split_adjusted', { token })).body;
      expect(adjusted[0].close).toBe(50);
      expect(await ingest(content.replace('0.5,2', '0.75,2'), body)).toMatchObject({ status: 'succeeded' });
      expect(await actions('ACT.NASDAQ')).toEqual([
        expected[0],
        ['dividend', '2024-01-03', null, 0.75, null, 'upload'],
        expected[1],
      ]);
    });

    it('stay where they are when the prices are adjusted for them, or nobody says', async () => {
      const splitAdjusted = await ingest(content, {
        mapping: { prices: 'split_adjusted', ...constants('ACS.NASDAQ') },
      });
      expect(splitAdjusted.warnings).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            code: 'column_ignored',
            columns: ['split_coefficient'],
            message: expect.stringMatching(/mapping\.prices/),
          }),
        ]),
      );
      expect(await actions('ACS.NASDAQ')).toEqual([['dividend', '2024-01-03', null, 0.5, null, 'upload']]);
      for (const prices of ['adjusted', undefined]) {
        const run = await ingest(content, {
          mapping: { ...(prices === undefined ? {} : { prices }), ...constants('ACN.NASDAQ') },
        });
        expect(run.warnings).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ code: 'column_ignored', columns: ['dividend_amount', 'split_coefficient'] }),
          ]),
        );
      }
      expect(await actions('ACN.NASDAQ')).toEqual([]);
    });

    it('need the permission to write data, as all tenants share them', async () => {
      const runner = await api.token('run', { role: 'owner', scope: 'ingest:run ingest:read data:read' });
      const body = {
        source: await source(content, undefined, runner),
        mapping: { prices: 'raw', ...constants('ACP.NASDAQ') },
      };
      expect(await api.post('/ingest/runs', body, { token: runner })).toMatchObject({
        status: 403,
        body: { code: 'forbidden', required_permission: 'data:write' },
      });
      const without = {
        ...body,
        mapping: { ...body.mapping, columns: { dividend_amount: null, split_coefficient: null } },
      };
      expect(await ended(await api.post('/ingest/runs', without, { token: runner }), runner)).toMatchObject({
        status: 'succeeded',
      });
    });

    it('refuse amounts that are none', async () => {
      expect(
        await ingest(content.replace('0.5,2', '-0.5,2'), {
          mapping: { prices: 'raw', ...constants('ACX.NASDAQ') },
          validation: { max_reject_ratio: 1 },
        }),
      ).toMatchObject({ refusals: [{ code: 'bad_number', column: 'dividend_amount', values: ['-0.5'] }] });
    });
  });

  describe('M5: the proposal of a preview', () => {
    const rows = [
      ['2024-01-02', 2010.5, 2045, 1995.25, 2030, 1200000],
      ['2024-01-16', 2025, 2035.5, 1970, 1980.75, 1350000],
    ] as const;
    const german = (value: number): string => value.toLocaleString('de-DE', { minimumFractionDigits: 2 });
    const shown = [
      ['2024-01-02T00:00:00Z', 2010.5, 2045, 1995.25, 2030, 1200000],
      ['2024-01-16T00:00:00Z', 2025, 2035.5, 1970, 1980.75, 1350000],
    ];
    const proposed = async (content: string, name: string, body: Record<string, unknown> = {}): Promise<any> => {
      const { status, body: answer } = await preview(content, body, name);
      expect(status).toBe(200);
      return answer.proposal;
    };
    const posted = async (proposal: Record<string, unknown>): Promise<any> =>
      ended(await api.post('/ingest/runs', proposal, { token }));
    const read = async (symbol: string, interval = '1d'): Promise<unknown[]> =>
      (await bars(symbol, interval)).map(({ timestamp, open, high, low, close, volume }) => [
        timestamp,
        open,
        high,
        low,
        close,
        volume,
      ]);
    const day = (date: string, order: string): string =>
      order.replace('Y', date.slice(0, 4)).replace('m', date.slice(5, 7)).replace('d', date.slice(8));

    it('says how dates and numbers are written that are not read without', async () => {
      const cases = [
        [
          'PRA',
          `Datum;Open;High;Low;Close;Volume\n` +
            `${rows.map(([date, ...n]) => [day(date, 'd.m.Y'), ...n.map(german)].join(';')).join('\n')}\n`,
          { mapping: { columns: { Datum: 'timestamp' } } },
          { date_format: '%d.%m.%Y', decimal: ',', thousands: '.' },
        ],
        [
          'PRB',
          `Date,Open,High,Low,Close,Adj ` +
            `Close,Volume\n${rows
              .map(
                ([date, o, h, l, c, v]) =>
                  `"Jan ` +
                  `${Number(date.slice(8))}, ` +
                  `2024","${o.toLocaleString('en-US')}",${h},${l},${c},${c},"${v.toLocaleString('en-US')}"`,
              )
              .join('\n')}\n`,
          {},
          { date_format: '%b %d, %Y', decimal: '.', thousands: ',' },
        ],
        [
          'PRC',
          HEADER + rows.map(([date, ...n]) => [day(date, 'm/d/Y'), ...n].join()).join('\n'),
          {},
          { date_format: '%m/%d/%Y' },
        ],
        [
          'PRD',
          HEADER + rows.map(([date, ...n]) => [day(date, 'd/m/Y'), ...n].join()).join('\n'),
          {},
          { date_format: '%d/%m/%Y' },
        ],
      ] as const;
      for (const [ticker, content, body, parse] of cases) {
        const proposal = await proposed(content, `${ticker}_LOCAL.csv`, body);
        expect(proposal.parse).toEqual(parse);
        const interval = { ...proposal.mapping.constants, interval: '1d' };
        const run = await posted({ ...proposal, mapping: { ...proposal.mapping, constants: interval } });
        expect([run.error, run.status, run.rows_written]).toEqual([null, 'succeeded', 2]);
        expect(await read(`${ticker}.LOCAL`)).toEqual(shown);
      }
    });

    it('does not guess where two formats read other days or two styles other numbers', async () => {
      const both = await proposed(`${HEADER}02/01/2024,1,2,1,1,1\n03/01/2024,1,2,1,1,1\n`, 'PRE_LOCAL.csv');
      expect(both.parse).toBeUndefined();
      const comma = 'Date;Open;High;Low;Close;Volume\n2024-01-02;1,104;1,106;1,100;1,105;1\n';
      expect((await proposed(comma, 'PRF_LOCAL.csv')).parse).toBeUndefined();
      const half = `Date;Open;High;Low;Close;Volume\n2024-01-02;${rows[0]
        .slice(1)
        .map((n) => german(n as number))
        .join(';')}\n`;
      expect((await proposed(half, 'PRG_LOCAL.csv', { parse: { decimal: '.' } })).parse).toEqual({ decimal: '.' });
    });

    it('reads files without a header whose times are digits: HistData, and dates beside times', async () => {
      const minutes = ['170000', '170100', '170200'];
      const joined = await proposed(
        minutes.map((time) => `20240103 ${time};1.1;1.2;1;1.15;0`).join('\n'),
        'EURCZK_FX.csv',
        { timezone: 'Etc/GMT+5' },
      );
      expect([joined.parse, joined.mapping.constants]).toEqual([{ date_format: '%Y%m%d %H%M%S' }, { interval: '1m' }]);
      expect((await posted(joined)).status).toBe('succeeded');
      expect((await read('EURCZK.FX', '1m')).map((row: any) => row[0])).toEqual(
        ['00', '01', '02'].map((minute) => `2024-01-03T22:${minute}:00Z`),
      );
      const apart = await proposed(
        ['093000', '093100', '093200'].map((time) => `20240103,${time},1.1,1.2,1,1.15,5`).join('\n'),
        'PRH_NASDAQ.csv',
      );
      expect([apart.mapping.columns.column_2, apart.mapping.constants]).toEqual(['time', { interval: '1m' }]);
      expect((await posted(apart)).rows_written).toBe(3);
    });

    it('knows a day of many symbols by the midnight of its exchange, and the site of stooq by the name', async () => {
      const flat = 'ticker,volume,open,close,high,low,window_start,transactions\n';
      const daily = await proposed(
        flat + ['PRI', 'PRJ'].map((ticker) => `${ticker},100,1,1.5,2,0.5,1704171600000000000,7`).join('\n'),
        '2024-01-02.csv',
        { mapping: { constants: { exchange: 'NASDAQ' } } },
      );
      expect([daily.preset, daily.mapping.constants]).toEqual(['polygon', { exchange: 'NASDAQ', interval: '1d' }]);
      expect((await posted(daily)).rows_written).toBe(2);
      expect(await read('PRJ.NASDAQ')).toEqual([['2024-01-02T00:00:00Z', 1, 2, 0.5, 1.5, 100]]);
      for (const [name, symbol] of [
        ['prk_us_d.csv', 'PRK.NYSE'],
        ['prl.us_d.csv', 'PRL.NYSE'],
        ['prm_uk_d.csv', 'PRM.LSE'],
      ] as const) {
        const site = await proposed(`${HEADER}2024-01-02,1,2,1,1,1\n2024-01-03,1,2,1,1,1\n`, name, {
          mapping: { constants: { exchange: 'NYSE' } },
        });
        expect(site.preset).toBe('stooq');
        expect((await posted(site)).rows_written).toBe(2);
        expect(await read(symbol)).toHaveLength(2);
      }
    });

    it('takes raw columns beside adjusted ones for no file of yahoo', async () => {
      const tiingo = [
        {
          date: '2024-01-02T00:00:00.000Z',
          open: 1,
          high: 2,
          low: 1,
          close: 1,
          volume: 1,
          adjOpen: 1,
          adjHigh: 2,
          adjLow: 1,
          adjClose: 1,
          divCash: 0.5,
          splitFactor: 2,
        },
      ];
      expect((await proposed(JSON.stringify(tiingo), 'PRN_LOCAL.json')).preset).toBeUndefined();
    });
  });

  it('M5: the interval that a vendor writes into the name of a file or a member need not be said', async () => {
    const kline = (minute: number): string =>
      [1704153600000 + minute * 60_000, 1, 2, 0.5, 1.5, 10, 1704153659999 + minute * 60_000, 15, 3, 5, 7, 0].join();
    const run = await ingest([kline(0), kline(1)].join('\n'), { preset: 'binance' }, 'PROUSDT-1m-2024-01-02.csv');
    expect([run.error, run.rows_written, run.target.table]).toEqual([null, 2, 'bars_intraday']);
    expect(await bars('PROUSDT.BINANCE', '1m')).toHaveLength(2);
    const other = await start(kline(0), { preset: 'binance' }, 'PROUSDT-30m-2024-01-02.csv');
    expect([other.status, other.body.code]).toEqual([422, 'missing_column']);
    const constant = await start(
      kline(0),
      { preset: 'binance', mapping: { constants: { interval: '5m' } } },
      'PRPUSDT-1m-2024.csv',
    );
    expect((await ended(constant)).rows_written).toBe(1);
    expect(await bars('PRPUSDT.BINANCE', '5m')).toHaveLength(1);
  });

  it('F3: what is skipped whole, cut by digits or unknown is refused with what would do', async () => {
    const content = `${HEADER}2024-01-02,1,2,1,1,1\n`;
    const refused = async (
      parse: Record<string, unknown>,
      constants: Record<string, unknown> = {},
    ): Promise<unknown[]> => {
      const mapping = { constants: { vt_symbol: 'PRQ.LOCAL', interval: '1d', ...constants } };
      const { status, body } = await start(content, { parse, mapping }, 'PRQ_LOCAL.csv');
      return [status, body.code, body.errors[0].pointer, `${body.errors[0].message} ${body.hint ?? ''}`];
    };
    expect(await refused({ skip_rows: 9 })).toEqual([
      422,
      'contradictory_options',
      '/parse/skip_rows',
      expect.stringMatching(/^is 9, .*accepted: fewer/),
    ]);
    expect(await refused({ delimiter: '1' })).toEqual([
      422,
      'contradictory_options',
      '/parse/delimiter',
      expect.stringContaining('is "1"'),
    ]);
    expect(await refused({ delimiter: ';', escape: ';' })).toEqual([
      422,
      'contradictory_options',
      '/parse/escape',
      expect.stringContaining('is ";" as delimiter is'),
    ]);
    expect(await refused({ delimeter: ';' })).toEqual([
      422,
      'validation_failed',
      '/parse/delimeter',
      expect.stringContaining('accepted: delimiter, quote'),
    ]);
    expect(await refused({}, { interval: '1D' })).toEqual([
      422,
      'bad_interval',
      '/mapping/constants/interval',
      expect.stringContaining('Say 1d.'),
    ]);
    expect(await refused({}, { interval: '1M' })).toEqual([
      422,
      'bad_interval',
      '/mapping/constants/interval',
      expect.not.stringContaining('Say 1m.'),
    ]);
  });

  it('F9: a row that cannot be taken apart and a date that cannot be read show text and advice', async () => {
    const options = { mapping: { constants: { interval: '1d' } } };
    const broken = await ingest(
      '[{"date":"2024-01-02","open":NaN,"high":2,"low":1,"close":1}]',
      options,
      'PRR_LOCAL.json',
    );
    expect(broken.error.message).toContain('bad_record 1: "{\\"date\\":\\"2024-01-02\\",\\"open\\":NaN');
    const dates = await ingest(`${HEADER}02/01/2024,1,2,1,1,1\n`, options, 'PRS_LOCAL.csv');
    expect(dates.error.message).toContain(
      'ts_unparseable 1 in Date: "02/01/2024" (not ISO 8601, YYYYMMDD or epoch; give parse.date_format, such as ' +
        '%d/%m/%Y)',
    );
  });

  it('M7: numbers with suffixes and signs are refused, unless the request says what they mean', async () => {
    const content =
      'date,open,high,low,close,volume\n2024-01-02,$101.50,102,100,101,1.25M\n2024-01-03,101,102,100,101,-\n';
    const run = await ingest(content, {
      parse: { null_tokens: ['-'] },
      mapping: constants('SUF.NASDAQ'),
      validation: { max_reject_ratio: 1 },
    });
    expect(run).toMatchObject({
      rows_written: 1,
      refusals: [
        { code: 'bad_number', column: 'open', values: ['$101.50'] },
        { code: 'bad_number', column: 'volume', values: ['1.25M'] },
      ],
    });
    expect(await bars('SUF.NASDAQ')).toMatchObject([{ session_date: '2024-01-03', volume: null }]);
  });
});
