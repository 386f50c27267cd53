import { readFileSync } from 'node:fs';
import { calendarFor } from '../calendars/index.ts';
import { adjust, type PriceAction } from './adjust.ts';
import type { BarTable } from './bar-table.ts';
import { fillGaps } from './fill.ts';
import { coverage } from './gaps.ts';
import { outlierReturns, stalePrices } from './outlier-returns.ts';
import { resample } from './resample.ts';
import { syntheticBars, syntheticSplits } from './synthetic.ts';

const DAY = 86_400_000;
const FAR = Date.parse('2100-01-01T00:00:00Z');
const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY;

function daily(rows: [date: string, close: number, volume?: number][]): BarTable {
  const closes = Float64Array.from(rows, ([, close]) => close);
  return {
    time: Float64Array.from(rows, ([date]) => day(date) * DAY),
    sessionDay: Float64Array.from(rows, ([date]) => day(date)),
    open: closes,
    high: closes,
    low: closes,
    close: closes,
    volume: Float64Array.from(rows, ([, , volume]) => volume ?? Number.NaN),
    vwap: new Float64Array(rows.length).fill(Number.NaN),
    tradeCount: new Float64Array(rows.length).fill(Number.NaN),
  };
}

function minutes(start: string, bars: [o: number, h: number, l: number, c: number, v: number][]): BarTable {
  const from = Date.parse(start);
  return {
    time: Float64Array.from(bars, (_, i) => from + i * 60_000),
    sessionDay: new Float64Array(bars.length).fill(Math.floor(from / DAY)),
    open: Float64Array.from(bars, (bar) => bar[0]),
    high: Float64Array.from(bars, (bar) => bar[1]),
    low: Float64Array.from(bars, (bar) => bar[2]),
    close: Float64Array.from(bars, (bar) => bar[3]),
    volume: Float64Array.from(bars, (bar) => bar[4]),
    vwap: new Float64Array(bars.length).fill(Number.NaN),
    tradeCount: new Float64Array(bars.length).fill(Number.NaN),
  };
}

describe('adjust', () => {
  const split: PriceAction = { kind: 'split', exDay: day('2024-06-10'), ratio: 4 };
  const dividend: PriceAction = { kind: 'dividend', exDay: day('2024-06-10'), cash: 1, currency: 'USD' };

  it('divides prices and multiplies volume before a split, and leaves later bars alone', () => {
    const { table } = adjust(
      daily([
        ['2024-06-07', 499.23, 100],
        ['2024-06-10', 125, 400],
      ]),
      [split],
      'split_adjusted',
      { closeBefore: () => 499.23, currency: 'USD' },
    );
    expect([...table.close, ...table.volume]).toEqual([124.8075, 125, 400, 400]);
  });

  it('takes a dividend out of prices only', () => {
    const bars = daily([
      ['2024-06-07', 100, 100],
      ['2024-06-10', 99, 100],
    ]);
    const input = { closeBefore: () => 100, currency: 'USD' };
    expect([...adjust(bars, [dividend], 'adjusted', input).table.close]).toEqual([99, 99]);
    expect([...adjust(bars, [dividend], 'adjusted', input).table.volume]).toEqual([100, 100]);
    expect([...adjust(bars, [dividend], 'split_adjusted', input).table.close]).toEqual([100, 99]);
  });

  it("F7 takes the cash of a split's own day per share held before the split, whichever is said first", () => {
    const bars = daily([
      ['2024-06-07', 400],
      ['2024-06-10', 99],
    ]);
    const input = { closeBefore: () => 400, currency: 'USD' };
    for (const actions of [
      [split, { ...dividend, cash: 4 }],
      [{ ...dividend, cash: 4 }, split],
    ]) {
      expect([...adjust(bars, actions, 'adjusted', input).table.close]).toEqual([99, 99]);
      expect([...adjust(bars, actions, 'split_adjusted', input).table.close]).toEqual([100, 99]);
      expect([...adjust(bars, actions, 'total_return', input).table.close]).toEqual([400, 400]);
    }
  });

  it('grows a total return from the raw close of the first bar', () => {
    const { table } = adjust(
      daily([
        ['2024-06-07', 100],
        ['2024-06-10', 99.5],
      ]),
      [dividend],
      'total_return',
      { closeBefore: () => 100, currency: 'USD' },
    );
    expect(table.close[0]).toBe(100);
    expect(table.close[1]).toBeCloseTo(100.5050505051, 9);
  });

  it('skips what it cannot apply with a warning, and ignores what has not happened yet', () => {
    const bars = daily([
      ['2024-06-07', 100],
      ['2024-06-10', 99],
    ]);
    expect(
      adjust(bars, [{ ...dividend, currency: 'EUR' }], 'adjusted', { closeBefore: () => 100, currency: 'USD' })
        .warnings,
    ).toEqual([{ code: 'dividend_currency', exDay: dividend.exDay }]);
    expect(
      adjust(bars, [dividend], 'adjusted', { closeBefore: () => Number.NaN, currency: 'USD' }).warnings[0]?.code,
    ).toBe('dividend_without_close');
    expect(
      adjust(bars, [{ ...split, exDay: day('2024-06-11') }], 'adjusted', { closeBefore: () => 100, currency: 'USD' })
        .actions,
    ).toBe(0);
  });
});

describe('coverage', () => {
  const nasdaq = calendarFor('NASDAQ');

  it('finds the missing session', () => {
    const times = nasdaq
      .sessions('2024-01-02', '2024-01-12')
      .filter(({ date }) => date !== '2024-01-04')
      .map(({ label }) => label);
    expect(
      coverage(nasdaq, '1d', Float64Array.from(times), { from: '2024-01-02', to: '2024-01-12', now: FAR }),
    ).toMatchObject({
      expected: 9,
      missing: 1,
      gaps: [day('2024-01-04') * DAY],
      ranges: [{ start: day('2024-01-04') * DAY, end: day('2024-01-04') * DAY, count: 1 }],
    });
  });

  it('expects nothing on a holiday nor of a session that is not over', () => {
    const times = Float64Array.of(day('2024-01-12') * DAY, day('2024-01-16') * DAY);
    expect(coverage(nasdaq, '1d', times, { from: '2024-01-12', to: '2024-01-16', now: FAR }).missing).toBe(0);
    expect(
      coverage(nasdaq, '1d', times, { from: '2024-01-12', to: '2024-01-17', now: Date.parse('2024-01-17T20:00:00Z') })
        .missing,
    ).toBe(0);
  });

  it('merges neighbours and counts what lies behind', () => {
    const times = Float64Array.of(day('2024-01-02') * DAY, day('2024-01-05') * DAY);
    const found = coverage(nasdaq, '1d', times, { from: '2024-01-02', to: '2024-01-09', now: FAR });
    expect(found.ranges.map(({ count }) => count)).toEqual([2, 2]);
    expect(found.behind).toBe(2);
  });
});

describe('resample', () => {
  const nasdaq = calendarFor('NASDAQ');

  it('makes a five-minute bar of five minutes', () => {
    const table = minutes('2024-03-11T13:30:00Z', [
      [10, 12, 9, 11, 1],
      [11, 12, 10, 12, 2],
      [12, 13, 11, 11, 3],
      [11, 13, 10, 13, 4],
      [13, 14, 12, 12, 5],
    ]);
    const five = resample(table, '1m', '5m', nasdaq, 'session', FAR);
    expect([five.open, five.high, five.low, five.close, five.volume].map((column) => [...column])).toEqual([
      [10],
      [14],
      [9],
      [12],
      [15],
    ]);
    expect(Number.isNaN(five.vwap[0]!)).toBe(true);
  });

  it('makes seven hours of a session, the last one partial', () => {
    const table = minutes(
      '2024-03-11T13:30:00Z',
      Array.from({ length: 390 }, () => [1, 1, 1, 1, 1] as [number, number, number, number, number]),
    );
    const hours = resample(table, '1m', '1h', nasdaq, 'session', FAR);
    expect([...hours.partial!]).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect([...resample(table, '1m', '1h', nasdaq, 'clock', FAR).volume]).toEqual([30, 60, 60, 60, 60, 60, 60]);
  });

  it('labels weeks and months with their first session', () => {
    const table = daily([
      ['2024-01-16', 1],
      ['2024-01-17', 2],
      ['2024-01-22', 3],
      ['2024-02-01', 4],
    ]);
    expect([...resample(table, '1d', '1w', nasdaq, 'session', FAR).time].map((time) => time / DAY)).toEqual([
      day('2024-01-16'),
      day('2024-01-22'),
      day('2024-01-29'),
    ]);
    expect([...resample(table, '1d', '1mo', nasdaq, 'session', FAR).close]).toEqual([3, 4]);
  });

  it('refuses what is no multiple', () => {
    expect(() => resample(daily([]), '1d', '1h', nasdaq, 'session', FAR)).toThrow(
      expect.objectContaining({ code: 'bad_resample' }),
    );
    expect(() => resample(daily([]), '1w', '1mo', nasdaq, 'session', FAR)).toThrow(
      expect.objectContaining({ code: 'bad_resample' }),
    );
  });
});

describe('fillGaps', () => {
  const nasdaq = calendarFor('NASDAQ');
  const table = daily([
    ['2024-01-02', 10, 5],
    ['2024-01-05', 11, 5],
  ]);

  it('copies the close forward, a limited number of times', () => {
    const filled = fillGaps(table, '1d', nasdaq, 'forward', { maxFill: 1 });
    expect([...filled.close]).toEqual([10, 10, 11]);
    expect([...filled.filled!]).toEqual([0, 1, 0]);
    expect(filled.volume[1]).toBe(0);
  });

  it('fills with nulls or zeros all along the grid', () => {
    expect([...fillGaps(table, '1d', nasdaq, 'null', { maxFill: 1 }).close]).toEqual([10, Number.NaN, Number.NaN, 11]);
    expect([...fillGaps(table, '1d', nasdaq, 'zero', { maxFill: 1 }).close]).toEqual([10, 0, 0, 11]);
  });
});

describe('syntheticBars', () => {
  const bars = (vtSymbol: string, start: string, end: string, origin?: string): number[][] =>
    [
      ...syntheticBars({ model: 'gbm', seed: 42, vtSymbol, interval: '1d', start, end, ...(origin ? { origin } : {}) }),
    ].map(({ open, high, low, close, volume }) => [open, high, low, close, volume]);

  it('gives the vectors of the specification', () => {
    expect(bars('AAPL.NASDAQ', '2024-01-02', '2024-01-04')).toEqual([
      [100, 100.5346, 99.8304, 100.263, 503627],
      [100.263, 100.3944, 98.7484, 98.763, 1227285],
      [98.763, 99.5016, 98.5334, 99.4755, 1031852],
    ]);
    expect(bars('MSFT.NASDAQ', '2024-01-02', '2024-01-02')[0]!.slice(3)).toEqual([98.0756, 1369596]);
  });

  it('joins chunks that share their origin', () => {
    expect(bars('AAPL.NASDAQ', '2024-01-04', '2024-01-04', '2024-01-02')).toEqual(
      bars('AAPL.NASDAQ', '2024-01-02', '2024-01-04').slice(2),
    );
  });

  it('makes a bar for every regular minute', () => {
    expect([
      ...syntheticBars({
        model: 'gbm',
        seed: 1,
        vtSymbol: 'A.NYSE',
        interval: '1m',
        start: '2024-07-02',
        end: '2024-07-03',
      }),
    ]).toHaveLength(600);
  });
});

describe('synthetic models and options', () => {
  const base = { seed: 42, vtSymbol: 'AAPL.NASDAQ', interval: '1d', start: '2024-01-02', end: '2024-01-31' } as const;

  it('makes a sine wave of twenty bars', () => {
    const bars = [...syntheticBars({ ...base, model: 'ohlc_sine' })];
    expect(bars[0]).toMatchObject({ open: 100, close: 100, volume: 1e6 });
    expect([bars[5]!.close, bars[5]!.open]).toEqual([110.00000000000001, bars[4]!.close]);
    expect(bars[5]!.high).toBe(1.001 * bars[5]!.close);
  });

  it('starts calm and draws once more per bar than gbm', () => {
    const bars = [...syntheticBars({ ...base, model: 'regime', end: '2026-12-31' })];
    expect(bars[0]!.open).toBe(100);
    expect(bars.length).toBeGreaterThan(700);
    const returns = bars.map((bar) => Math.log(bar.close / bar.open));
    const spread = (from: number): number =>
      Math.sqrt(returns.slice(from, from + 50).reduce((sum, r) => sum + r * r, 0) / 50);
    const spreads = Array.from({ length: 14 }, (_, i) => spread(i * 50));
    expect(Math.max(...spreads) / Math.min(...spreads)).toBeGreaterThan(2);
  });

  it('leaves out, repeats, spikes and splits bars by their index', () => {
    const plain = [...syntheticBars({ ...base, model: 'gbm' })];
    const odd = [
      ...syntheticBars({ ...base, model: 'gbm', gaps: [1], duplicates: [2], spikes: { 3: 2 }, splits: { 4: 4 } }),
    ];
    expect(odd.map(({ time }) => time).slice(0, 4)).toEqual([
      plain[0]!.time,
      plain[2]!.time,
      plain[2]!.time,
      plain[3]!.time,
    ]);
    expect(odd[3]).toMatchObject({ close: plain[3]!.close * 2, high: plain[3]!.close * 2, low: plain[3]!.low });
    expect(odd[4]).toMatchObject({
      open: plain[4]!.open / 4,
      close: plain[4]!.close / 4,
      volume: plain[4]!.volume * 4,
    });
    expect(syntheticSplits({ ...base, model: 'gbm', splits: { 4: 4 } })).toEqual([{ date: '2024-01-08', ratio: 4 }]);
  });
});

describe('outlierReturns', () => {
  const closes = Float64Array.from(
    readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8').trim().split('\n').slice(1),
    (line) => Number(line.split(',')[4]),
  );

  it('flags 29 closes of the sample', () => {
    expect(outlierReturns(closes)).toHaveLength(29);
  });

  it('agrees with sorting every window anew', () => {
    const median = (values: number[]): number => {
      const s = [...values].sort((a, b) => a - b);
      return s.length % 2 ? s[s.length >> 1]! : (s[s.length / 2 - 1]! + s[s.length / 2]!) / 2;
    };
    const returns = [...closes].map((close, i) => (i === 0 ? Number.NaN : Math.log(close / closes[i - 1]!)));
    const expected = returns.flatMap((r, t) => {
      if (t < 61) return [];
      const window = returns.slice(t - 60, t);
      const m = median(window);
      const mad = median(window.map((value) => Math.abs(value - m)));
      return mad > 0 && Math.abs(r) > 8 * mad ? [t] : [];
    });
    expect(outlierReturns(closes)).toEqual(expected);
  });

  it('leaves ex-dates alone', () => {
    expect(outlierReturns(Float64Array.of(100, 25))).toEqual([1]);
    expect(outlierReturns(Float64Array.of(100, 25), () => true)).toEqual([]);
  });

  it('names runs of twenty equal closes with volume once', () => {
    expect(stalePrices(new Float64Array(45).fill(7), new Float64Array(45).fill(1))).toEqual([0]);
    expect(stalePrices(new Float64Array(19).fill(7), new Float64Array(19).fill(1))).toEqual([]);
    expect(stalePrices(new Float64Array(45).fill(7), new Float64Array(45))).toEqual([]);
  });
});
