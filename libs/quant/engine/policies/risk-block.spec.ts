import {
  SCENARIO_A,
  SESSIONS,
  dailyBars,
  eventsOf,
  fillsOf,
  orderOf,
  ordersRecipe,
  run,
  scenarioA,
  toldRows,
  type Ran,
} from '../../testing/builders.ts';
import { randomRun } from '../../testing/random-runs.ts';
import { replayEventLog } from '../../replay/index.ts';
import { DEFAULT_LIMITS } from './risk-limits.ts';

const bars = dailyBars(SCENARIO_A);
const OPEN = Object.fromEntries(
  Object.keys(DEFAULT_LIMITS)
    .filter((key) => key !== 'restricted')
    .map((key) => [key, null]),
);
const riskEvents = (result: Ran): unknown[][] =>
  eventsOf(result)
    .filter((event) => event['type'] === 'RISK')
    .map(({ policy, action, value, limit }) => [policy, action, value, limit]);

describe('scenario C: a backtest with a risk block', () => {
  it('lists every breach of the default limits and fills nothing', () => {
    const result = run({ ...scenarioA(), risk: {} }, bars);
    expect(orderOf(result, 'o-1')).toMatchObject({
      status: 'denied',
      deny_codes: ['max_position_pct', 'max_order_notional'],
      reason: 'max_position_pct,max_order_notional',
      quantity: '950',
    });
    expect([result.artifacts.fills, result.metrics.sharpe, result.finalEquity]).toEqual([[], null, 100_000]);
    expect(riskEvents(result).slice(0, 3)).toEqual([
      ['R2', 'deny', 0.95, 0.2],
      ['R7', 'deny', 0.95, 0.25],
      ['R9', 'warn', undefined, 0.1],
    ]);
    expect(result.warnings).toContainEqual(expect.objectContaining({ code: 'volume_unknown', vt_symbol: 'X.SIM' }));
  });

  it('is the same backtest once the limits in its way are opened', () => {
    const result = run(
      {
        ...scenarioA(),
        risk: {
          max_position_pct: 1,
          max_gross_exposure: 1,
          max_net_exposure: 1,
          max_order_notional: 1,
          max_daily_loss_pct: 0.05,
        },
      },
      bars,
    );
    const plain = run(scenarioA(), bars);
    expect(result.artifacts.fills).toEqual(plain.artifacts.fills);
    expect(result.rows).toEqual(plain.rows);
    expect(result.normalised.specHash).not.toBe(plain.normalised.specHash);
  });

  it('halts at the mark of bar 6 when the daily loss is not opened, and the run completes', () => {
    const result = run({ ...scenarioA(), risk: { max_position_pct: 1, max_order_notional: 1 } }, bars);
    expect(fillsOf(result)).toEqual(['buy 950 @ 101.0202']);
    expect(riskEvents(result).filter(([, action]) => action === 'halt')[0]).toEqual([
      'R16',
      'halt',
      -0.0363001284,
      -0.03,
    ]);
    const halt = eventsOf(result).find((event) => event['action'] === 'halt')!;
    expect((halt['t'] as string).slice(0, 10)).toBe(SESSIONS[5]);
    expect(
      result.artifacts.orders
        .slice(1)
        .map((order) => [order.submitted_at.slice(0, 10), order.status, order.deny_codes]),
    ).toEqual([
      [SESSIONS[5], 'denied', ['daily_loss']],
      [SESSIONS[7], 'denied', ['daily_loss']],
    ]);
    expect(result.warnings.filter((warning) => warning.code === 'risk_halted')).toHaveLength(1);
    expect(result.rows).toHaveLength(10);
    expect(result.rows.at(-1)!.positions).toEqual({ 'X.SIM': { quantity: 950, avg_price: 101.0202 } });
  });

  it('cancels what works when it halts', () => {
    const orders = [
      { bar: 1, side: 'buy', quantity: 950 },
      { bar: 2, side: 'sell', order_type: 'limit', quantity: 100, limit_price: 150 },
    ];
    const result = run({ ...ordersRecipe(orders), risk: { ...OPEN, max_drawdown_pct: 0.03 } }, bars);
    expect(orderOf(result, 'o-2')).toMatchObject({ status: 'cancelled', reason: 'risk_halted' });
    expect(orderOf(result, 'o-2').updated_at.slice(0, 10)).toBe(SESSIONS[5]);
    expect(riskEvents(result)).toEqual([['R17', 'halt', -0.0363001284, -0.03]]);
  });
});

describe('a risk block', () => {
  it.each([
    ['an unknown key', { max_positions: 1 }, '/risk/max_positions'],
    ['a negative fraction', { max_position_pct: -0.1 }, '/risk/max_position_pct'],
    ['zero', { max_daily_loss_pct: 0 }, '/risk/max_daily_loss_pct'],
    ['half an order', { max_open_orders: 1.5 }, '/risk/max_open_orders'],
    ['no symbol', { restricted: ['a b'] }, '/risk/restricted/0'],
  ])('is refused for %s', (_what, risk, pointer) => {
    expect(() => run({ ...scenarioA(), risk }, bars)).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        status: 422,
        options: expect.objectContaining({ errors: [expect.objectContaining({ pointer })] }),
      }),
    );
  });

  it('stays in the hash as written', () => {
    const { normalised } = run({ ...scenarioA(), risk: { max_position_pct: 1, restricted: ['AAPL'] } }, bars);
    expect(normalised.recipe.risk).toEqual({ max_position_pct: 1, restricted: ['AAPL'] });
  });

  it('changes nothing about fills with every limit opened, but for orders that would cross our own', () => {
    let [fills, same] = [0, 0];
    for (let seed = 1; seed <= 80; seed++) {
      const { document, bars: random } = randomRun(seed);
      const [plain, opened] = [run(document, random), run({ ...document, risk: OPEN }, random)];
      const codes = new Set(opened.artifacts.orders.flatMap((order) => order.deny_codes));
      codes.delete('insufficient_buying_power');
      codes.delete('not_tradable');
      if (codes.size > 0) {
        expect([...codes]).toEqual(['self_cross']);
        continue;
      }
      expect({ seed, fills: opened.artifacts.fills, rows: opened.rows, orders: opened.artifacts.orders }).toEqual({
        seed,
        fills: plain.artifacts.fills,
        rows: plain.rows,
        orders: plain.artifacts.orders,
      });
      fills += plain.artifacts.fills.length;
      same++;
    }
    expect(same).toBeGreaterThan(60);
    expect(fills).toBeGreaterThan(1_000);
  });

  it('has the same money and orders with the log off', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { document, bars: random } = randomRun(seed);
      const quiet = structuredClone(document) as { backtest: { kwargs: Record<string, unknown> } };
      quiet.backtest.kwargs['event_log'] = 'off';
      const risk = { ...OPEN, max_drawdown_pct: 0.04 };
      const [a, b] = [run({ ...document, risk }, random), run({ ...quiet, risk }, random)];
      expect({ seed, rows: b.rows, orders: b.artifacts.orders, warnings: b.warnings }).toEqual({
        seed,
        rows: a.rows,
        orders: a.artifacts.orders,
        warnings: a.warnings,
      });
    }
  });

  it('is deterministic, replays, and reaches its policies', () => {
    const codes = new Set<string>();
    const blocks = [
      {},
      { ...OPEN, max_gross_exposure: 1, max_net_exposure: 0.5, max_daily_loss_pct: 0.03 },
      { ...OPEN, max_drawdown_pct: 0.05, max_open_orders_per_symbol: 2, max_adv_pct: 0.1 },
    ];
    for (let seed = 1; seed <= 90; seed++) {
      const { document, bars: random } = randomRun(seed);
      const risk = blocks[seed % 3];
      const [a, b] = [run({ ...document, risk }, random), run({ ...document, risk }, random)];
      expect(b.eventLogHash).toBe(a.eventLogHash);
      expect(replayEventLog(a.artifacts.eventLog!).equity).toEqual(toldRows(a));
      for (const order of a.artifacts.orders) order.deny_codes.forEach((code) => codes.add(code));
    }
    expect([...codes]).toEqual(
      expect.arrayContaining([
        'max_position_pct',
        'max_gross_exposure',
        'max_net_exposure',
        'max_short_exposure',
        'max_order_notional',
        'price_collar',
        'max_adv_pct',
        'max_open_orders_per_symbol',
        'self_cross',
        'insufficient_buying_power',
        'drawdown',
        'daily_loss',
      ]),
    );
  });
});
