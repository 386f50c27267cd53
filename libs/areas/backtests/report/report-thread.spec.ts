import { barsOf } from '../../../quant/testing/builders.ts';
import { reportedRun } from './testing/reported-run.ts';

const D = ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-08', '2024-01-09', '2024-01-10'];

function recipeOf(
  symbols: string[],
  targets: [time: string, vtSymbol: string, weight: number][],
  kwargs: Record<string, unknown> = {},
  execution?: object,
): object {
  const rows = targets.map(([time, vt_symbol, weight]) => ({ time, vt_symbol, weight }));
  const strategy = {
    universe_model: { class: 'StaticUniverse', kwargs: { symbols } },
    ...(execution ?? { portfolio_model: { class: 'ScheduledTargets', kwargs: { targets: rows } } }),
  };
  return {
    strategy: { class: 'FrameworkAlgorithm', kwargs: strategy },
    backtest: { engine: 'event', kwargs: { slippage_bps: 0, commission_pct: 0, lot_size: 1e-8, ...kwargs } },
  };
}

const last = (values: readonly number[]): number => values[values.length - 1]!;

describe('F5: the sheet and the plot value what is compared as the run values what it holds', () => {
  it.each([
    ['split', 50, { vt_symbol: 'X.SIM', ex_date: D[3]!, type: 'split', ratio: 2 }],
    ['dividend', 98, { vt_symbol: 'X.SIM', ex_date: D[3]!, type: 'dividend', amount: 2 }],
  ] as const)('over a %s, also for a run of an older engine', (_, late, action) => {
    const bars = barsOf(
      'X.SIM',
      D.map((date, i) => [date, i < 3 ? 100 : late]),
    );
    const run = reportedRun(
      recipeOf(['X.SIM'], [[D[0]!, 'X.SIM', 1]], { normalization: 'raw', benchmark: 'X.SIM' }),
      bars,
      { actions: [{ ...action }] },
    );
    for (const older of [false, true]) {
      const { data } = run.plot('equity', older);
      expect(data.map(({ name, y }) => [name, last(y)])).toEqual([
        ['Strategy', 100_000],
        ['Benchmark X.SIM', 100_000],
      ]);
      expect(run.text(older)).toContain('Benchmark X.SIM ended at USD 100,000.00');
    }
    expect(run.metrics.tracking_error).toBe(0);
  });
});

it('F5b: the plot knows no close of New York at that of London', () => {
  const bars = [
    ...barsOf(
      'A.LSE',
      D.map((date) => [date, 100]),
    ),
    ...barsOf(
      'B.NYSE',
      D.map((date, i) => [date, i === 6 ? 200 : 100]),
    ),
  ];
  const run = reportedRun(recipeOf(['A.LSE', 'B.NYSE'], [[D[0]!, 'A.LSE', 0.1]]), bars);
  for (const older of [false, true]) {
    const [strategy, held] = run.plot('equity', older).data;
    expect(held!.name).toBe('Buy and hold, equal weights');
    expect(strategy!.x.map((at, i) => [at, held!.y[i]]).slice(-3)).toEqual([
      ['2024-01-09T21:00:00.000Z', 100_000],
      ['2024-01-10T16:30:00.000Z', 100_000],
      ['2024-01-10T21:00:00.000Z', 150_000],
    ]);
  }
});

describe('F6: days are those of the sessions', () => {
  it('shows the fall of a futures session that metrics show', () => {
    let before = 100;
    const bars = [2, 3, 4, 5].flatMap((day) =>
      Array.from({ length: 23 }, (_, hour) => {
        const close = day === 3 && hour === 22 ? 80 : 100;
        const [bar] = barsOf('ES.CME', [
          [new Date(Date.UTC(2024, 0, day - 1, 23 + hour)).toISOString(), close, before],
        ]);
        before = close;
        return bar!;
      }),
    );
    const run = reportedRun(recipeOf(['ES.CME'], [[bars[0]!.time as string, 'ES.CME', 1]], { interval: '1h' }), bars);
    for (const older of [false, true]) {
      const [returns] = run.plot('returns', older).data;
      expect(returns!.x).toEqual(['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05']);
      expect(returns!.y).toEqual([0, expect.closeTo(-0.2, 9), expect.closeTo(0.25, 9), 0]);
      expect(run.text(older)).toContain('Period 2 Jan 2024 to 5 Jan 2024');
      expect(run.text(older)).toContain('−20.00% 2024-01-02 2024-01-03 2024-01-04');
    }
    expect(run.metrics.max_drawdown).toBeCloseTo(-0.2, 9);
  });

  it('dates days of 24x7 as bars are labelled: page, returns, round trips', () => {
    const days = [1, 2, 3, 4, 5, 6, 7].map((day) => `2024-01-0${day}`);
    const order = (time: string, side: string): object => ({
      time,
      vt_symbol: 'B.BINANCE',
      side,
      order_type: 'market',
      quantity: 1,
    });
    const execution = {
      execution_model: {
        class: 'ScheduledOrders',
        kwargs: { orders: [order(days[0]!, 'buy'), order(days[3]!, 'sell')] },
      },
    };
    const run = reportedRun(
      recipeOf(['B.BINANCE'], [], {}, execution),
      barsOf(
        'B.BINANCE',
        days.map((date, i) => [date, 101 + i]),
      ),
    );
    for (const older of [false, true]) {
      expect(run.text(older)).toContain('Period 1 Jan 2024 to 7 Jan 2024');
      expect(run.text(older)).toMatch(/First decision 1 Jan 2024/);
      expect(run.text(older)).toContain('B.BINANCE long 2024-01-02 2024-01-05');
      expect(run.plot('returns', older).data[0]!.x).toEqual(days.slice(1));
    }
    expect(run.rows('equity').map((row) => row['session_date'])).toEqual(days);
  });

  it('counts extended hours in winter to the month of their session', () => {
    const times = ['2024-01-30T15:00:00Z', '2024-01-31T15:00:00Z', '2024-02-01T00:00:00Z', '2024-02-01T15:00:00Z'];
    const run = reportedRun(
      recipeOf(['X.NYSE'], [[times[0]!, 'X.NYSE', 1]], { interval: '1h', extended_hours: true }),
      barsOf(
        'X.NYSE',
        times.map((time, i) => [time, 100 + (i >= 2 ? 10 : 0), 100]),
      ),
    );
    for (const older of [false, true]) expect(run.text(older)).toMatch(/2024 10\.0 0\.0 –/);
  });

  it('leaves out what the calendar of the metrics has no session for, as they do', () => {
    const days = ['2024-01-05', '2024-01-06', '2024-01-07', '2024-01-08', '2024-01-09'];
    const bars = [
      ...barsOf(
        'A.NYSE',
        days.filter((date) => !/0[67]$/.test(date)).map((date) => [date, 100]),
      ),
      ...barsOf(
        'B.BINANCE',
        days.map((date, i) => [date, 100 + i]),
      ),
    ];
    const run = reportedRun(recipeOf(['A.NYSE', 'B.BINANCE'], [[days[0]!, 'B.BINANCE', 1]]), bars);
    // The day of 5 January ends after New York's close, at which the run decided.
    expect(run.plot('returns').data[0]!.x).toEqual(['2024-01-05', '2024-01-08', '2024-01-09']);
  });
});

describe('the page', () => {
  const flat = reportedRun(
    recipeOf(['X.SIM'], [[D[0]!, 'X.SIM', 0]]),
    barsOf(
      'X.SIM',
      D.map((date) => [date, 100]),
    ),
  );

  it('compares with buy and hold, and with nothing where bars were revised or are gone', () => {
    expect(flat.text()).toContain('Equity against buy and hold X.SIM');
  });

  it('says of equity that did not change that it stayed', () => {
    expect(flat.text()).toContain('USD 100,000.00 stayed at USD 100,000.00');
  });

  it('falls back to buy and hold where the benchmark has no bars', () => {
    const run = reportedRun(
      recipeOf(['X.SIM'], [[D[0]!, 'X.SIM', 0]], { benchmark: 'M.SIM' }),
      barsOf(
        'X.SIM',
        D.map((date) => [date, 100]),
      ),
    );
    expect(run.plot('equity').data.map(({ name }) => name)).toEqual(['Strategy', 'Buy and hold X.SIM']);
  });
});
