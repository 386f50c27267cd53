import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestApi } from './support/index.ts';

type Row = readonly [time: string, open: number, high: number, low: number, close: number, volume: number | null];

const DAYS: readonly Row[] = [
  ['2024-01-02', 100.5, 102.25, 99.75, 101.5, 1200000],
  ['2024-01-03', 101.25, 101.75, 98.5, 99, 1350000],
  ['2024-01-04', 99.25, 100.5, 97.75, 98.25, 990000],
  ['2024-01-05', 98.5, 99.5, 98, 99.25, 870000],
  ['2024-01-08', 99.5, 103, 99.25, 102.75, 1410000],
];
const LONDON: readonly Row[] = [
  ['2024-01-02', 68.5, 69.25, 68, 69, 5000000],
  ['2024-01-03', 69, 69.5, 67.75, 68.25, 4100000],
  ['2024-01-04', 68.25, 68.75, 67.5, 68.5, 3900000],
];
/** The Monday of the second week is a holiday: its bar is labelled with the first session. */
const WEEKS: readonly Row[] = [
  ['2024-01-08', 99.5, 104, 98.75, 103.25, 6100000],
  ['2024-01-22', 103.5, 106.5, 102, 105.75, 5800000],
  ['2024-01-29', 105.5, 107.25, 104.25, 106, 5500000],
];
const MINUTES: readonly Row[] = [
  ['2024-01-02T14:30:00Z', 100.5, 100.75, 100.25, 100.5, 52000],
  ['2024-01-02T14:31:00Z', 100.5, 101, 100.5, 101, 31000],
  ['2024-01-02T14:32:00Z', 101, 101.25, 100.75, 101.25, 28000],
  ['2024-01-02T14:33:00Z', 101.25, 101.5, 101, 101, 26500],
  ['2024-01-02T14:34:00Z', 101, 101, 100.5, 100.75, 24000],
];
const COIN_MINUTES: readonly Row[] = [
  ['2024-01-02T00:00:00Z', 42280.5, 42300.25, 42275, 42298.75, 12.5],
  ['2024-01-02T00:01:00Z', 42298.75, 42310, 42290.5, 42305, 8.25],
  ['2024-01-02T00:02:00Z', 42305, 42305, 42260.25, 42262, 15.75],
  ['2024-01-02T00:03:00Z', 42262, 42280, 42255.5, 42278.5, 9.125],
];
const COIN_DAYS: readonly Row[] = [
  ['2024-01-01', 42280.5, 44180, 42150.25, 44175.75, 27174.5],
  ['2024-01-02', 44175.75, 45880, 44150, 44950.5, 65146.25],
  ['2024-01-03', 44950.5, 45500, 40750, 42845.25, 81194.5],
];
const PAIR_MINUTES: readonly Row[] = [
  ['2024-01-03T00:00:00Z', 1.104, 1.1042, 1.1039, 1.1041, 0],
  ['2024-01-03T00:01:00Z', 1.1041, 1.1045, 1.104, 1.1044, 0],
  ['2024-01-03T00:02:00Z', 1.1044, 1.1046, 1.1041, 1.1042, 0],
  ['2024-01-03T00:03:00Z', 1.1042, 1.1043, 1.1037, 1.1038, 0],
];
const PAIR_DAYS: readonly Row[] = [
  ['2024-01-02', 1.1046, 1.1053, 1.0938, 1.0942, 0],
  ['2024-01-03', 1.0942, 1.0965, 1.0893, 1.0922, 0],
  ['2024-01-04', 1.0922, 1.0972, 1.0917, 1.0946, 0],
];
const times = (rows: readonly Row[], factor: number): Row[] =>
  rows.map(([time, open, high, low, close, volume]) => [
    time,
    open * factor,
    high * factor,
    low * factor,
    close * factor,
    volume,
  ]);

interface VendorFile {
  readonly file: string;
  /** As the vendor names it; absent: it comes without a name. */
  readonly name?: string;
  readonly preset: string | null;
  /** What nobody can see in the file. */
  readonly body?: Record<string, any>;
  readonly interval: string;
  readonly bars: Record<string, readonly Row[]>;
  readonly actions?: unknown[];
}

const NASDAQ = { mapping: { constants: { exchange: 'NASDAQ' } } };
const one = (symbol: string, rows: readonly Row[]): Record<string, readonly Row[]> => ({ [symbol]: rows });
const AAPL = one('AAPL.NASDAQ', DAYS);

const FILES: readonly VendorFile[] = [
  { file: 'yahoo-site.csv', name: 'AAPL.csv', preset: 'yahoo', body: NASDAQ, interval: '1d', bars: AAPL },
  {
    file: 'yahoo-site-nulls.csv',
    name: 'AAPL.csv',
    preset: 'yahoo',
    body: { ...NASDAQ, validation: { max_reject_ratio: 0.2 } },
    interval: '1d',
    bars: AAPL,
  },
  {
    file: 'yahoo-history.csv',
    name: 'AAPL.csv',
    preset: 'yahoo',
    body: NASDAQ,
    interval: '1d',
    bars: AAPL,
    actions: [],
  },
  {
    file: 'yahoo-history-unadjusted.csv',
    name: 'YHU_NASDAQ.csv',
    preset: 'yahoo',
    interval: '1d',
    bars: one('YHU.NASDAQ', DAYS),
    actions: [['dividend', '2024-01-04', null, 0.25, 'upload']],
  },
  { file: 'yahoo-download.csv', preset: 'yahoo', body: NASDAQ, interval: '1d', bars: AAPL },
  {
    file: 'yahoo-intraday.csv',
    name: 'AAPL.csv',
    preset: 'yahoo',
    body: NASDAQ,
    interval: '1m',
    bars: one('AAPL.NASDAQ', MINUTES),
  },
  {
    file: 'yahoo-stacked.csv',
    preset: 'yahoo',
    body: NASDAQ,
    interval: '1d',
    bars: {
      ...AAPL,
      'MSFT.NASDAQ': times(DAYS, 2).map((row, i) => [...row.slice(0, 5), DAYS[i]![5]] as unknown as Row),
    },
  },
  { file: 'yahoo-london.csv', preset: 'yahoo', interval: '1d', bars: one('VOD.LSE', LONDON) },
  { file: 'yahoo-nameless-index.csv', name: 'AAPL.csv', preset: 'yahoo', body: NASDAQ, interval: '1d', bars: AAPL },
  { file: 'yahoo-reset-index.csv', name: 'AAPL.csv', preset: 'yahoo', body: NASDAQ, interval: '1d', bars: AAPL },
  { file: 'yahoo-numbered.csv', name: 'AAPL.csv', preset: 'yahoo', body: NASDAQ, interval: '1d', bars: AAPL },
  { file: 'yahoo-index.parquet', name: 'AAPL.parquet', preset: 'yahoo', body: NASDAQ, interval: '1d', bars: AAPL },
  { file: 'yahoo-numbered.parquet', name: 'AAPL.parquet', preset: 'yahoo', body: NASDAQ, interval: '1d', bars: AAPL },
  {
    file: 'yahoo-weekly.csv',
    name: 'AAPL.csv',
    preset: 'yahoo',
    body: NASDAQ,
    interval: '1w',
    bars: one('AAPL.NASDAQ', WEEKS),
  },
  {
    file: 'yahoo-page.csv',
    name: 'AAPL.csv',
    preset: 'yahoo',
    body: { ...NASDAQ, parse: { date_format: '%b %d, %Y', thousands: ',' } },
    interval: '1d',
    bars: AAPL,
  },
  {
    file: 'stooq-site.csv',
    name: 'aapl_us_d.csv',
    preset: 'stooq',
    body: { preset: 'stooq', ...NASDAQ },
    interval: '1d',
    bars: AAPL,
  },
  { file: 'stooq-bulk-daily.txt', name: 'aapl.us.txt', preset: 'stooq', body: NASDAQ, interval: '1d', bars: AAPL },
  {
    file: 'stooq-bulk-minutes.txt',
    name: 'aapl.us.txt',
    preset: 'stooq',
    body: NASDAQ,
    interval: '1m',
    bars: one('AAPL.NASDAQ', MINUTES),
  },
  { file: 'stooq-bulk-london.txt', preset: 'stooq', interval: '1d', bars: one('VOD.LSE', LONDON) },
  { file: 'stooq-polish.csv', name: 'aapl_us_d.csv', preset: 'stooq', body: NASDAQ, interval: '1d', bars: AAPL },
  {
    file: 'binance-archive.csv',
    name: 'BTCUSDT-1m-2024-01-02.csv',
    preset: 'binance',
    interval: '1m',
    bars: one('BTCUSDT.BINANCE', COIN_MINUTES),
  },
  {
    file: 'binance-archive-header.csv',
    name: 'BTCUSDT-1m-2024-01-02.csv',
    preset: 'binance',
    interval: '1m',
    bars: one('BTCUSDT.BINANCE', COIN_MINUTES),
  },
  {
    file: 'binance-archive-micros.csv',
    name: 'BTCUSDT-1m-2024-01-02.csv',
    preset: 'binance',
    interval: '1m',
    bars: one('BTCUSDT.BINANCE', COIN_MINUTES),
  },
  {
    file: 'binance-archive-daily.csv',
    name: 'BTCUSDT-1d-2024-01.csv',
    preset: 'binance',
    interval: '1d',
    bars: one('BTCUSDT.BINANCE', COIN_DAYS),
  },
  {
    file: 'binance-export.csv',
    name: 'BTCUSDT.csv',
    preset: 'binance',
    interval: '1m',
    bars: one('BTCUSDT.BINANCE', COIN_MINUTES),
  },
  {
    file: 'binance-api.json',
    name: 'BTCUSDT.json',
    preset: 'binance',
    interval: '1m',
    bars: one('BTCUSDT.BINANCE', COIN_MINUTES),
  },
  {
    file: 'binance-archive.zip',
    name: 'BTCUSDT-1m-2024-01-02.zip',
    preset: 'binance',
    interval: '1m',
    bars: one('BTCUSDT.BINANCE', COIN_MINUTES),
  },
  {
    file: 'binance-two.zip',
    name: 'klines.zip',
    preset: 'binance',
    interval: '1m',
    bars: { 'BTCUSDT.BINANCE': COIN_MINUTES, 'ETHUSDT.BINANCE': times(COIN_MINUTES, 0.5) },
  },
  {
    file: 'alphavantage-daily.csv',
    name: 'daily_AAPL.csv',
    preset: 'alphavantage',
    body: NASDAQ,
    interval: '1d',
    bars: AAPL,
  },
  {
    file: 'alphavantage-daily-adjusted.csv',
    name: 'daily_adjusted_AVA.csv',
    preset: 'alphavantage',
    body: NASDAQ,
    interval: '1d',
    bars: one('AVA.NASDAQ', DAYS),
    actions: [
      ['dividend', '2024-01-04', null, 0.24, 'upload'],
      ['split', '2024-01-05', 2, null, 'upload'],
    ],
  },
  {
    file: 'alphavantage-intraday.csv',
    name: 'intraday_1min_AAPL.csv',
    preset: 'alphavantage',
    body: NASDAQ,
    interval: '1m',
    bars: one('AAPL.NASDAQ', MINUTES),
  },
  { file: 'alphavantage-daily.json', preset: 'alphavantage', body: NASDAQ, interval: '1d', bars: AAPL },
  {
    file: 'alphavantage-daily-adjusted.json',
    preset: 'alphavantage',
    body: { mapping: { constants: { vt_symbol: 'AVJ.NASDAQ' } } },
    interval: '1d',
    bars: one('AVJ.NASDAQ', DAYS),
    actions: [
      ['dividend', '2024-01-04', null, 0.24, 'upload'],
      ['split', '2024-01-05', 2, null, 'upload'],
    ],
  },
  { file: 'tradingview-daily.csv', name: 'NASDAQ_AAPL, 1D.csv', preset: 'tradingview', interval: '1d', bars: AAPL },
  {
    file: 'tradingview-daily-iso.csv',
    name: 'NASDAQ_AAPL, 1D_0a1b2.csv',
    preset: 'tradingview',
    interval: '1d',
    bars: AAPL,
  },
  { file: 'tradingview-dates.csv', name: 'NASDAQ_AAPL, 1D.csv', preset: 'tradingview', interval: '1d', bars: AAPL },
  {
    file: 'tradingview-minutes.csv',
    name: 'NASDAQ_AAPL, 1.csv',
    preset: 'tradingview',
    interval: '1m',
    bars: one('AAPL.NASDAQ', MINUTES),
  },
  {
    file: 'tradingview-crypto.csv',
    name: 'BINANCE_BTCUSDT, 1D.csv',
    preset: 'tradingview',
    interval: '1d',
    bars: one('BTCUSDT.BINANCE', COIN_DAYS),
  },
  {
    file: 'metatrader5-minutes.csv',
    name: 'EURUSD_M1_202401030000_202401030003.csv',
    preset: 'metatrader',
    body: { timezone: 'UTC', mapping: { constants: { exchange: 'FX' } } },
    interval: '1m',
    bars: one('EURUSD.FX', PAIR_MINUTES),
  },
  {
    file: 'metatrader5-utf16.csv',
    name: 'EURUSD_M1_202401030000_202401030003.csv',
    preset: 'metatrader',
    body: { timezone: 'UTC', mapping: { constants: { exchange: 'FX' } } },
    interval: '1m',
    bars: one('EURUSD.FX', PAIR_MINUTES),
  },
  {
    file: 'metatrader5-daily.csv',
    name: 'EURUSD_Daily_202401020000_202401040000.csv',
    preset: 'metatrader',
    body: { mapping: { constants: { exchange: 'FX' } } },
    interval: '1d',
    bars: one('EURUSD.FX', PAIR_DAYS),
  },
  {
    file: 'metatrader5-shares.csv',
    name: 'AAPL_M1_202401020930_202401020934.csv',
    preset: 'metatrader',
    body: NASDAQ,
    interval: '1m',
    bars: one('AAPL.NASDAQ', MINUTES),
  },
  {
    file: 'metatrader4-minutes.csv',
    name: 'EURUSD1.csv',
    preset: 'metatrader',
    body: { timezone: 'UTC', mapping: { constants: { exchange: 'FX' } } },
    interval: '1m',
    bars: one('EURUSD.FX', PAIR_MINUTES),
  },
  {
    file: 'metatrader4-daily.csv',
    name: 'EURUSD1440.csv',
    preset: 'metatrader',
    body: { mapping: { constants: { exchange: 'FX' } } },
    interval: '1d',
    bars: one('EURUSD.FX', PAIR_DAYS),
  },
  // Clocks of New York without summer time.
  {
    file: 'metatrader-histdata.csv',
    name: 'DAT_MT_GBPUSD_M1_202401.csv',
    preset: 'metatrader',
    body: { timezone: 'Etc/GMT+5', mapping: { constants: { exchange: 'FX' } } },
    interval: '1m',
    bars: one(
      'GBPUSD.FX',
      PAIR_MINUTES.map(([time, ...rest]) => [time.replace('2024-01-03T00', '2024-01-02T22'), ...rest] as const),
    ),
  },
  { file: 'polygon-aggregates-daily.json', preset: 'polygon', body: NASDAQ, interval: '1d', bars: AAPL },
  {
    file: 'polygon-aggregates-minutes.json',
    preset: 'polygon',
    body: NASDAQ,
    interval: '1m',
    bars: one('AAPL.NASDAQ', MINUTES),
  },
  {
    file: 'polygon-flat-daily.csv.gz',
    name: '2024-01-02.csv.gz',
    preset: 'polygon',
    body: NASDAQ,
    interval: '1d',
    bars: AAPL,
  },
  {
    file: 'polygon-flat-minutes.csv',
    name: '2024-01-02.csv',
    preset: 'polygon',
    body: NASDAQ,
    interval: '1m',
    bars: { 'AAPL.NASDAQ': MINUTES, 'BRK.B.NASDAQ': times(MINUTES, 3) },
  },
  {
    file: 'semicolons.csv',
    name: 'AAPL_NASDAQ.csv',
    preset: null,
    body: { parse: { decimal: ',', thousands: '.' } },
    interval: '1d',
    bars: AAPL,
  },
  { file: 'tabs.txt', name: 'AAPL_NASDAQ.txt', preset: null, interval: '1d', bars: AAPL },
  {
    file: 'german.csv',
    name: 'AAPL_NASDAQ.csv',
    preset: null,
    interval: '1d',
    bars: AAPL,
    body: {
      parse: { decimal: ',', thousands: '.', date_format: '%d.%m.%Y' },
      mapping: {
        columns: {
          Datum: 'timestamp',
          Erster: 'open',
          Hoch: 'high',
          Tief: 'low',
          Schlusskurs: 'close',
          Stuecke: 'volume',
        },
      },
    },
  },
  {
    file: 'date-and-time.csv',
    name: 'AAPL_NASDAQ.csv',
    preset: null,
    interval: '1m',
    bars: one('AAPL.NASDAQ', MINUTES),
  },
  {
    file: 'stamped-at-end.csv',
    name: 'AAPL_NASDAQ.csv',
    preset: null,
    body: { parse: { label: 'end', date_format: '%m/%d/%Y' } },
    interval: '1m',
    bars: one('AAPL.NASDAQ', MINUTES),
  },
  { file: 'alpaca-bars.json', preset: null, body: { ...NASDAQ, preset: undefined }, interval: '1d', bars: AAPL },
  {
    file: 'ccxt-ohlcv.json',
    preset: null,
    body: { mapping: { constants: { vt_symbol: 'BTCUSDT.BINANCE' } } },
    interval: '1m',
    bars: one('BTCUSDT.BINANCE', COIN_MINUTES),
  },
  {
    file: 'kaggle-names.csv',
    preset: null,
    body: { mapping: { columns: { Name: 'vt_symbol' }, constants: { exchange: 'NASDAQ' } } },
    interval: '1d',
    bars: { ...AAPL, 'MSFT.NASDAQ': times(DAYS, 2) },
  },
  { file: 'session-close.csv', name: 'AAPL_NASDAQ.csv', preset: null, interval: '1d', bars: AAPL },
  {
    file: 'by-symbol.zip',
    name: 'bars.zip',
    preset: null,
    interval: '1d',
    bars: { ...AAPL, 'MSFT.NASDAQ': times(DAYS, 2) },
  },
];

const FREE = {
  ALPHASWARM_RATE_PRINCIPAL: '100000',
  ALPHASWARM_RATE_WRITE: '100000',
  ALPHASWARM_RATE_ORG: '100000',
  ALPHASWARM_RATE_IP: '100000',
};

describe('files of vendors', () => {
  let api: TestApi;
  /**
   * One organization takes the files by preset, the other by the preview's proposal: neither finds the bars of the
   * other.
   */
  let byPreset: string;
  let byProposal: string;

  beforeAll(async () => {
    api = await TestApi.start({ env: FREE });
    byPreset = await api.token('ann', { role: 'owner' });
    byProposal = await api.token('bob', { role: 'owner', org: 'other' });
  });
  afterAll(() => api.stop());

  const upload = async ({ file, name }: VendorFile, token: string): Promise<string> => {
    const query = name === undefined ? '' : `?filename=${encodeURIComponent(name)}`;
    const { status, body } = await api.post(`/ingest/uploads${query}`, readFileSync(`test/fixtures/vendors/${file}`), {
      token,
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect([status, body.code]).toEqual([201, undefined]);
    return body.upload_id;
  };
  const started = async (body: unknown, token: string): Promise<any> => {
    const { status, body: task } = await api.post('/ingest/runs', body, { token });
    return { status, detail: task.detail, id: task.run_id };
  };
  const finished = async ({ status, detail, id }: any, token: string): Promise<any> => {
    expect([status, detail]).toEqual([202, undefined]);
    for (let i = 0; i < 4_000; i++) {
      const run = (await api.get(`/ingest/runs/${id}`, { token })).body;
      if (!['queued', 'running', 'validating', 'committing', 'verifying'].includes(run.status)) return run;
      await sleep(10);
    }
    throw new Error('the run did not end');
  };
  const bars = async (symbol: string, interval: string, rows: readonly Row[], token: string): Promise<unknown[]> => {
    const [first, last] = [rows[0]![0], rows.at(-1)![0]];
    const end = last.length === 10 ? last : new Date(Date.parse(last) + 60_000).toISOString();
    const { body } = await api.get(
      `/data/${symbol}/bars?interval=${interval}&normalization=raw&session=all&start=${first}&end=${end}`,
      { token },
    );
    return body.bars.map((bar: any) => [
      interval === '1d' || interval === '1w' ? bar.session_date : bar.timestamp,
      bar.open,
      bar.high,
      bar.low,
      bar.close,
      bar.volume,
    ]);
  };
  const expectBars = async ({ bars: expected, interval, file }: VendorFile, token: string): Promise<void> => {
    for (const [symbol, rows] of Object.entries(expected))
      expect([file, symbol, await bars(symbol, interval, rows, token)]).toEqual([file, symbol, rows]);
  };

  /** What becomes of each file: all are sent before the first is waited for. */
  const sent = new Map<VendorFile, { byPreset: any; shown: any; byProposal: any }>();
  beforeAll(async () => {
    const queue = [...FILES];
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let file = queue.shift(); file; file = queue.shift()) {
          const { preset: _, ...rest } = file.body ?? {};
          const mapping = { ...rest['mapping'], constants: { interval: file.interval, ...rest['mapping']?.constants } };
          const run = await started(
            {
              source: { kind: 'upload', upload_id: await upload(file, byPreset) },
              ...(file.preset === null ? {} : { preset: file.preset }),
              ...rest,
              mapping,
            },
            byPreset,
          );
          const shown = await api.post(
            '/ingest/preview',
            { upload_id: await upload(file, byProposal), ...file.body },
            { token: byProposal },
          );
          sent.set(file, { byPreset: run, shown, byProposal: await started(shown.body.proposal, byProposal) });
        }
      }),
    );
  }, 300_000);

  it('are at least forty', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(40);
  });

  it.each(FILES.map((file) => [file.file, file] as const))(
    '%s is read by its preset, and by what the preview proposes',
    async (_, file) => {
      const { byPreset: first, shown, byProposal: second } = sent.get(file)!;
      expect(await finished(first, byPreset)).toMatchObject({
        status: expect.stringMatching(/succeeded$/),
        error: null,
      });
      await expectBars(file, byPreset);
      expect([shown.status, shown.body.preset]).toEqual([200, file.preset]);
      expect(await finished(second, byProposal)).toMatchObject({
        status: expect.stringMatching(/succeeded$/),
        error: null,
      });
      await expectBars(file, byProposal);
      if (!file.actions) return;
      const { body } = await api.get(`/data/${Object.keys(file.bars)[0]!}/actions`, { token: byPreset });
      expect(
        body.data.map((action: any) => [
          action.kind,
          action.ex_date,
          action.ratio,
          action.cash_amount,
          action.source_id,
        ]),
      ).toEqual(file.actions);
    },
    90_000,
  );
});
