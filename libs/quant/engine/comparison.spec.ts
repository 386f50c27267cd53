import { inlineBarsToSeries, type InlineBar } from '../bars/index.ts';
import { barsOf, recipe, run, type Ran } from '../testing/builders.ts';
import { comparisonRows } from './comparison.ts';
import type { ComparisonRow, CorporateAction } from './types.ts';

const D = ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-08', '2024-01-09', '2024-01-10'];
const C = [100, 103, 99, 104, 101, 107, 102];

/** Every bar opens at the close before, so that what is bought at an open is worth what it cost at the close before. */
function chained(vtSymbol: string, closes: readonly number[] = C, times: readonly string[] = D): InlineBar[] {
  return barsOf(
    vtSymbol,
    times.map((time, i) => [time, closes[i]!, closes[Math.max(0, i - 1)]!]),
  );
}

interface Case {
  symbols: string[];
  targets: [time: string, vtSymbol: string, weight: number][];
  bars: InlineBar[];
  actions?: CorporateAction[];
  kwargs?: Record<string, unknown>;
}

function compared({
  symbols,
  targets,
  bars: given,
  actions,
  kwargs = {},
}: Case): Ran & { comparison: ComparisonRow[] } {
  const portfolio = {
    class: 'ScheduledTargets',
    kwargs: { targets: targets.map(([time, vt_symbol, weight]) => ({ time, vt_symbol, weight })) },
  };
  const interval = (kwargs['interval'] ?? '1d') as '1d';
  const { series } = inlineBarsToSeries(given, interval);
  const benchmark = series.find((one) => one.vtSymbol === kwargs['benchmark']);
  const ran = run(
    recipe({ symbols, portfolio, kwargs: { slippage_bps: 0, commission_pct: 0, lot_size: 1e-8, ...kwargs } }),
    series.filter((one) => symbols.includes(one.vtSymbol)),
    { actions, benchmark },
  );
  return { ...ran, comparison: [...comparisonRows(ran.artifacts.comparison)] };
}

const held = (rows: readonly ComparisonRow[]): (number | null)[] => rows.map((row) => row.buy_and_hold);

describe('F3: a benchmark on another exchange', () => {
  it.each([
    ['A.LSE', 'B.NYSE'],
    ['A.NYSE', 'B.LSE'],
    ['A.NYSE', 'B.CME'],
    ['A.CME', 'B.NYSE'],
    ['A.NYSE', 'B.NASDAQ'],
    ['A.NYSE', 'B.BINANCE'],
  ])('is paired by session date: %s against %s', (own, other) => {
    const { metrics, warnings } = compared({
      symbols: [own],
      targets: [[D[0]!, own, 1]],
      bars: [
        ...chained(own),
        ...barsOf(other, [['2024-01-01', 100]]).filter(() => other === 'B.BINANCE'),
        ...chained(other),
      ],
      kwargs: { benchmark: other },
    });
    expect(metrics.beta).toBeCloseTo(1, 9);
    expect(metrics.tracking_error).toBeCloseTo(0, 9);
    expect([metrics.up_capture, metrics.down_capture]).toEqual([expect.closeTo(1, 9), expect.closeTo(1, 9)]);
    expect(metrics.alpha).toBeCloseTo(0, 9);
    expect(warnings).toEqual([]);
  });

  it('is paired by ISO week where the weeks begin on different days', () => {
    // Good Friday and Easter Monday: London's week of 1 April begins on Tuesday, New York's on Monday.
    const weeks = (sessions: readonly string[], symbol: string) => chained(symbol, C, sessions);
    const monday = ['2024-03-18', '2024-03-25', '2024-04-01', '2024-04-08', '2024-04-15', '2024-04-22', '2024-04-29'];
    const london = monday.map((date) => (date === '2024-04-01' ? '2024-04-02' : date));
    const { metrics, warnings } = compared({
      symbols: ['A.LSE'],
      targets: [['2024-03-18', 'A.LSE', 1]],
      bars: [...weeks(london, 'A.LSE'), ...weeks(monday, 'B.NYSE')],
      kwargs: { interval: '1w', benchmark: 'B.NYSE' },
    });
    expect([metrics.beta, metrics.tracking_error, warnings]).toEqual([expect.closeTo(1, 9), expect.closeTo(0, 9), []]);
  });

  it('has one period a week where the weeks of the universe begin on different days', () => {
    // Martin Luther King Day: New York's week begins on Tuesday, London's on Monday.
    const weeks = ['2024-01-02', '2024-01-08', '2024-01-15', '2024-01-22'];
    const york = weeks.map((date) => (date === '2024-01-15' ? '2024-01-16' : date));
    const { metrics } = compared({
      symbols: ['A.LSE', 'B.NYSE'],
      targets: [[weeks[0]!, 'A.LSE', 1]],
      bars: [...chained('A.LSE', [100, 110, 121, 133.1], weeks), ...chained('B.NYSE', C, york)],
      kwargs: { interval: '1w', benchmark: 'A.LSE' },
    });
    // From London's close to New York's of the first week, then a period a week, each with the position.
    expect([metrics.exposure_time, metrics.beta]).toEqual([0.75, expect.closeTo(1, 9)]);
  });

  it('is paired by equal instants when the metrics are measured on bars', () => {
    const half = compared({
      symbols: ['A.NYSE'],
      targets: [[D[0]!, 'A.NYSE', 1]],
      bars: [...chained('A.NYSE'), ...chained('B.NASDAQ')],
      kwargs: { benchmark: 'B.NASDAQ', metrics_freq: 'bar' },
    });
    expect([half.metrics.beta, half.warnings]).toEqual([expect.closeTo(1, 9), []]);
    const never = compared({
      symbols: ['A.NYSE'],
      targets: [[D[0]!, 'A.NYSE', 1]],
      bars: [...chained('A.NYSE'), ...chained('B.LSE')],
      kwargs: { benchmark: 'B.LSE', metrics_freq: 'bar' },
    });
    expect(never.metrics.beta).toBeNull();
    expect(never.warnings).toEqual([expect.objectContaining({ code: 'benchmark_gaps', vt_symbol: 'B.LSE', count: 6 })]);
  });
});

describe('F4: a benchmark that covers only a part', () => {
  const part = (keep: (date: string, index: number) => boolean): Ran & { comparison: ComparisonRow[] } =>
    compared({
      symbols: ['A.NYSE'],
      targets: [[D[0]!, 'A.NYSE', 1]],
      bars: [
        ...chained('A.NYSE'),
        ...chained('B.NYSE').filter((bar) => keep(bar.time as string, D.indexOf(bar.time as string))),
      ],
      kwargs: { benchmark: 'B.NYSE' },
    });

  it.each([
    ['starts late', (_: string, i: number) => i >= 2, 2],
    ['ends early', (_: string, i: number) => i <= 3, 3],
    ['has a gap', (_: string, i: number) => i !== 3, 2],
  ] as const)('%s: beta 1 and alpha 0 on the periods that both have, the others counted', (_, keep, missing) => {
    const { metrics, warnings } = part(keep);
    expect([metrics.beta, metrics.alpha, metrics.tracking_error]).toEqual([
      expect.closeTo(1, 9),
      expect.closeTo(0, 9),
      expect.closeTo(0, 9),
    ]);
    expect(warnings).toEqual([
      expect.objectContaining({ code: 'benchmark_gaps', vt_symbol: 'B.NYSE', count: missing }),
    ]);
  });

  it('is bought at its first period and cash until then', () => {
    const { comparison } = part((_, i) => i >= 2);
    expect(comparison.map((row) => row.benchmark)).toEqual([
      100_000,
      100_000,
      100_000,
      ...[104, 101, 107, 102].map((close) => expect.closeTo((100_000 * close) / 99, 6)),
    ]);
  });

  it('counts one period in the singular', () => {
    expect(part((_, i) => i <= 5).warnings[0]!.message).toContain('1 period:');
  });
});

it('says of a benchmark without bars, or with none up to the end, that it has no effect', () => {
  const given = {
    symbols: ['A.NYSE'],
    targets: [[D[0]!, 'A.NYSE', 1]] as Case['targets'],
    kwargs: { benchmark: 'B.NYSE', end: D[6] },
  };
  for (const late of [[], chained('B.NYSE', [1, 2], ['2024-02-01', '2024-02-02'])]) {
    const { warnings, metrics, comparison } = compared({ ...given, bars: [...chained('A.NYSE'), ...late] });
    expect(warnings).toEqual([
      expect.objectContaining({ code: 'benchmark_without_data', vt_symbol: 'B.NYSE', count: 1 }),
    ]);
    expect([metrics.beta, comparison[0]!.benchmark]).toEqual([null, null]);
  }
});

describe('F5: buy and hold over actions', () => {
  const flat = (late: number): InlineBar[] =>
    barsOf(
      'X.SIM',
      D.map((date, i) => [date, i < 3 ? 100 : late]),
    );

  it.each([
    ['a split', 50, [{ vt_symbol: 'X.SIM', ex_date: D[3]!, type: 'split', ratio: 2 }]],
    ['a dividend', 98, [{ vt_symbol: 'X.SIM', ex_date: D[3]!, type: 'dividend', amount: 2 }]],
    ['a reverse split', 1000, [{ vt_symbol: 'X.SIM', ex_date: D[3]!, type: 'split', ratio: 0.1 }]],
    ['a delisting', 100, [{ vt_symbol: 'X.SIM', ex_date: D[6]!, type: 'delisting' }]],
    ['a dividend before the purchase', 100, [{ vt_symbol: 'X.SIM', ex_date: D[0]!, type: 'dividend', amount: 2 }]],
  ] as [string, number, CorporateAction[]][])('ends where a run that holds ends: %s', (_, late, actions) => {
    const ran = compared({
      symbols: ['X.SIM'],
      targets: [[D[0]!, 'X.SIM', 1]],
      bars: flat(late),
      actions,
      kwargs: { normalization: 'raw', benchmark: 'X.SIM' },
    });
    expect(ran.finalEquity).toBe(100_000);
    expect(held(ran.comparison)).toEqual(D.map(() => 100_000).slice(0, ran.rows.length));
    expect(ran.comparison.map((row) => row.benchmark)).toEqual(held(ran.comparison));
    expect(ran.metrics.tracking_error).toBe(0);
  });

  it.each([['raw'], ['adjusted'], ['split_adjusted'], ['total_return']])(
    'a symbol held all along against itself has beta 1 and tracking error 0: %s',
    (normalization) => {
      const actions: CorporateAction[] = [
        { vt_symbol: 'X.SIM', ex_date: D[2]!, type: 'dividend', amount: 3 },
        { vt_symbol: 'X.SIM', ex_date: D[3]!, type: 'split', ratio: 4 },
        { vt_symbol: 'X.SIM', ex_date: D[5]!, type: 'dividend', amount: 0.5 },
      ];
      const given = barsOf(
        'X.SIM',
        D.map((date, i) => [date, C[i]! / (i < 3 ? 1 : 4), C[Math.max(0, i - 1)]! / (i < 3 ? 1 : 4)]),
      );
      const raw = normalization === 'raw';
      const ran = compared({
        symbols: ['X.SIM'],
        targets: [[D[0]!, 'X.SIM', 1]],
        bars: raw ? given : chained('X.SIM'),
        actions: raw ? actions : undefined,
        kwargs: { normalization, benchmark: 'X.SIM' },
      });
      expect(ran.metrics.beta).toBeCloseTo(1, 9);
      expect(ran.metrics.tracking_error).toBeCloseTo(0, 8);
      expect(ran.comparison.at(-1)!.buy_and_hold).toBeCloseTo(ran.finalEquity, 3);
    },
  );

  describe('what becomes of a symbol', () => {
    /** X until the 5th of January, then Y at half the price. */
    const given = [
      ...barsOf(
        'X.SIM',
        D.slice(0, 3).map((date, i) => [date, C[i]!, C[Math.max(0, i - 1)]!]),
      ),
      ...barsOf(
        'Y.SIM',
        D.slice(3).map((date, i) => [date, C[i + 3]! / 2, C[i + 2]! / 2]),
      ),
    ];
    const listed = [
      ...given,
      ...barsOf(
        'Y.SIM',
        D.slice(0, 3).map((date) => [date, 49.5]),
      ),
    ].sort((a, b) => (a.time < b.time ? -1 : 1));

    it.each([
      [
        'a rename, its heir new',
        given.map((bar) =>
          bar.vt_symbol === 'Y.SIM' ? barsOf('Y.SIM', [[bar.time as string, bar.close * 2, bar.open * 2]])[0]! : bar,
        ),
        { type: 'rename', new_vt_symbol: 'Y.SIM' },
      ],
      ['a merger for shares', listed, { type: 'merger', ratio: 2, new_vt_symbol: 'Y.SIM' }],
      ['a merger for shares and cash', listed, { type: 'merger', ratio: 1, amount: 49.5, new_vt_symbol: 'Y.SIM' }],
      ['a merger for cash', listed, { type: 'merger', amount: 120 }],
      ['a rename to what is not there', listed, { type: 'rename', new_vt_symbol: 'Z.SIM' }],
      ['a delisting', listed, { type: 'delisting' }],
    ] as [string, InlineBar[], object][])('is valued in its benchmark as in its account: %s', (_, all, action) => {
      const ran = compared({
        symbols: ['X.SIM', 'Y.SIM'],
        targets: [[D[0]!, 'X.SIM', 1]],
        bars: all,
        actions: [{ vt_symbol: 'X.SIM', ex_date: D[3]!, ...action } as CorporateAction],
        kwargs: { benchmark: 'X.SIM' },
      });
      expect(ran.rows.map((row) => row.equity)).toEqual(ran.comparison.map((row) => expect.closeTo(row.benchmark!, 3)));
      expect(ran.metrics.beta).toBeCloseTo(1, 9);
      expect(ran.metrics.tracking_error).toBeCloseTo(0, 9);
    });
  });

  it('divides the capital in equal parts and never rebalances', () => {
    const { comparison } = compared({
      symbols: ['A.SIM', 'B.SIM'],
      targets: [[D[0]!, 'A.SIM', 0.1]],
      bars: [
        ...barsOf(
          'A.SIM',
          D.map((date, i) => [date, i === 0 ? 100 : 200]),
        ),
        ...barsOf(
          'B.SIM',
          D.map((date) => [date, 50]),
        ),
      ],
    });
    expect(held(comparison)).toEqual([100_000, ...D.slice(1).map(() => 150_000)]);
  });

  it('begins at the first decision, with the equity it had', () => {
    const alpha = { class: 'Rsi', kwargs: { period: 3 } };
    const document = recipe({ alpha, portfolio: { class: 'EqualWeight', kwargs: {} }, kwargs: {} });
    const ran = run(document, chained('X.SIM'));
    expect(ran.firstDecision).toBe('2024-01-05T21:00:00.000Z');
    expect([...comparisonRows(ran.artifacts.comparison)].map((row) => row.buy_and_hold)).toEqual([
      100_000,
      100_000,
      100_000,
      100_000,
      ...[101, 107, 102].map((close) => expect.closeTo((100_000 * close) / 104, 6)),
    ]);
  });

  it('has no value in a run that never decided', () => {
    const ran = run(
      recipe({ alpha: { class: 'Rsi', kwargs: { period: 14 } }, portfolio: { class: 'EqualWeight', kwargs: {} } }),
      chained('X.SIM'),
    );
    expect([...comparisonRows(ran.artifacts.comparison)].map((row) => [row.buy_and_hold, row.benchmark])).toEqual(
      D.map(() => [null, null]),
    );
  });
});

it('F5b: no row knows a price that was not known at its instant', () => {
  const { comparison } = compared({
    symbols: ['A.LSE', 'B.NYSE'],
    targets: [[D[0]!, 'A.LSE', 0.1]],
    bars: [
      ...barsOf(
        'A.LSE',
        D.map((date) => [date, 100]),
      ),
      ...barsOf(
        'B.NYSE',
        D.map((date, i) => [date, i === 6 ? 200 : 100]),
      ),
    ],
    kwargs: { benchmark: 'B.NYSE' },
  });
  expect(comparison.slice(-3)).toEqual([
    { session_date: '2024-01-09', ts: '2024-01-09T21:00:00.000Z', buy_and_hold: 100_000, benchmark: 100_000 },
    { session_date: '2024-01-10', ts: '2024-01-10T16:30:00.000Z', buy_and_hold: 100_000, benchmark: 100_000 },
    { session_date: '2024-01-10', ts: '2024-01-10T21:00:00.000Z', buy_and_hold: 150_000, benchmark: 200_000 },
  ]);
});

describe('F6: sessions that cross midnight UTC', () => {
  /**
   * Hourly bars of CME sessions from 17:00 Chicago of the day before; the last one of 2024-01-03 closes 20 percent
   * lower.
   */
  const hourly = (): InlineBar[] => {
    let before = 100;
    return ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04'].flatMap((eve, session) =>
      Array.from({ length: 23 }, (_, hour) => {
        const close = session === 1 && hour === 22 ? 80 : 100;
        const bar = barsOf('ES.CME', [
          [new Date(Date.parse(`${eve}T23:00:00Z`) + hour * 3_600_000).toISOString(), close, before],
        ]);
        before = close;
        return bar[0]!;
      }),
    );
  };

  it('gives each row the date of its session, and the fall of that session to the metrics', () => {
    const given = hourly();
    const ran = compared({
      symbols: ['ES.CME'],
      targets: [[given[0]!.time as string, 'ES.CME', 1]],
      bars: given,
      kwargs: { interval: '1h', benchmark: 'ES.CME' },
    });
    expect(ran.rows.map((row) => row.session_date)).toEqual(
      ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05'].flatMap((date) =>
        Array.from({ length: 23 }, () => date),
      ),
    );
    expect(ran.metrics.max_drawdown).toBeCloseTo(-0.2, 9);
    expect([ran.metrics.beta, ran.metrics.tracking_error, ran.warnings]).toEqual([
      expect.closeTo(1, 9),
      expect.closeTo(0, 9),
      [],
    ]);
  });

  it('dates a 24x7 day by the day it ends, and a winter bar of extended hours by its session', () => {
    const crypto = compared({
      symbols: ['B.BINANCE'],
      targets: [['2024-01-01', 'B.BINANCE', 0.1]],
      bars: barsOf(
        'B.BINANCE',
        [1, 2, 3].map((day) => [`2024-01-0${day}`, 100 + day]),
      ),
    });
    expect(crypto.rows.map((row) => [row.session_date, row.ts.slice(0, 10)])).toEqual([
      ['2024-01-01', '2024-01-02'],
      ['2024-01-02', '2024-01-03'],
      ['2024-01-03', '2024-01-04'],
    ]);
    const late = ['2024-01-02T23:00:00Z', '2024-01-03T00:00:00Z', '2024-01-03T14:00:00Z'];
    const extended = compared({
      symbols: ['X.NYSE'],
      targets: [[late[0]!, 'X.NYSE', 0.1]],
      bars: barsOf(
        'X.NYSE',
        late.map((time) => [time, 100]),
      ),
      kwargs: { interval: '1h', extended_hours: true },
    });
    expect(extended.rows.map((row) => row.session_date)).toEqual(['2024-01-02', '2024-01-02', '2024-01-03']);
  });
});
