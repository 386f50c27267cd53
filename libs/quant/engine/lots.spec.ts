import { decimal } from '#kernel';
import type { InlineBar } from '../bars/index.ts';
import { normaliseRecipe } from '../recipe/index.ts';
import { eventsOf, fillsOf, orderOf, recipe, run, type Ran } from '../testing/builders.ts';
import type { InstrumentRules } from './types.ts';

const FREE = { slippage_bps: 0, commission_pct: 0 };
const DAYS = Array.from({ length: 7 }, (_, i) => `2024-01-0${i + 1}`);
const COIN = 'BTC.BINANCE';

const bars = (vtSymbol: string, prices: readonly number[], volume: number | null = null): InlineBar[] =>
  prices.map((price, i) => ({
    vt_symbol: vtSymbol,
    time: DAYS[i]!,
    open: price,
    high: price,
    low: price,
    close: price,
    volume,
  }));
const always = (price: number): number[] => DAYS.map(() => price);
const weights = (all: Record<string, number>): { class: string; kwargs: object } => ({
  class: 'FixedWeights',
  kwargs: { weights: all },
});

function holding(
  vtSymbol: string,
  price: number,
  kwargs: Record<string, unknown> = {},
  instrument?: InstrumentRules,
): Ran {
  const document = recipe({
    symbols: [vtSymbol],
    portfolio: weights({ [vtSymbol]: 1 }) as { class: string; kwargs: Record<string, unknown> },
    kwargs: { ...FREE, initial_cash: 10_000, ...kwargs },
  });
  return run(document, bars(vtSymbol, always(price)), instrument ? { instruments: { [vtSymbol]: instrument } } : {});
}

const bought = (result: Ran): string | undefined => result.artifacts.orders[0]?.quantity;

describe('F9: the lot of a symbol', () => {
  it('is 1e-8 on crypto exchanges, so that a coin too expensive is bought in fractions', () => {
    const result = holding(COIN, 60_000);
    expect(fillsOf(result)).toEqual(['buy 0.16666666 @ 60000']);
    expect(result.warnings).toEqual([]);
    expect(bought(holding('BTC.COINBASE', 60_000))).toBe('0.16666666');
  });

  it.each<[string, Record<string, unknown>, InstrumentRules | undefined, string]>([
    ['of its instrument before that of the recipe', { lot_size: 0.5 }, { lot_size: 0.01 }, '0.16'],
    ['of its instrument, whole coins too', {}, { lot_size: 1 }, '3'],
    ['of the recipe', { lot_size: 0.1 }, undefined, '0.1'],
    ['of the recipe beside a tick', { lot_size: 0.1 }, { tick_size: 0.5 }, '0.1'],
    ['of its exchange where the recipe says 1, its default', { lot_size: 1 }, undefined, '0.16666666'],
  ])('is that %s', (what, kwargs, instrument, quantity) => {
    expect(bought(holding(COIN, what.includes('whole') ? 3_000 : 60_000, kwargs, instrument))).toBe(quantity);
  });

  it('is 1 elsewhere', () => {
    for (const vtSymbol of ['X.LOCAL', 'EUR.NASDAQ'])
      expect(
        holding(vtSymbol, 3_000, { initial_cash: 10_000 })
          .artifacts.orders.map((order) => order.quantity)
          .slice(0, 1),
      ).toEqual(['3']);
  });

  it('changes neither the normalised recipe nor its hash', () => {
    const document = recipe({
      symbols: [COIN],
      portfolio: weights({ [COIN]: 1 }) as { class: string; kwargs: Record<string, unknown> },
    });
    expect(normaliseRecipe(document).recipe.backtest.kwargs.lot_size).toBe(1);
  });

  it('counts whole units of what would be more than 2^53 lots', () => {
    expect(bought(holding('PEPE.BINANCE', 1e-5, { initial_cash: 1e6 }))).toBe('100000000000');
    expect(bought(holding('PEPE.BINANCE', 3e-5, { initial_cash: 1e6 }))).toBe('33333333333');
    const capped = run(
      recipe({
        symbols: ['PEPE.BINANCE'],
        portfolio: weights({ 'PEPE.BINANCE': 1 }) as { class: string; kwargs: Record<string, unknown> },
        kwargs: { ...FREE, initial_cash: 1e6, max_participation: 0.3 },
      }),
      bars('PEPE.BINANCE', always(3e-5), 7_777_777_777.7),
    );
    expect(capped.artifacts.fills[0]!.quantity).toBe('2333333333');
  });
});

describe('F9: target_below_lot', () => {
  it('is told once per symbol with the count and the reason: BTC in whole coins for an account of 10 000', () => {
    const result = holding(COIN, 60_000, {}, { lot_size: 1 });
    expect(result.artifacts.orders).toEqual([]);
    expect(result.warnings).toEqual([
      {
        code: 'target_below_lot',
        vt_symbol: COIN,
        count: 7,
        message: expect.stringContaining('a lot of 1 costs 60000, the target was 10000.00'),
      },
    ]);
  });

  it.each(['MarketExecution', 'LimitOffset', 'Bracket'])('is told of %s, and of shorts', (execution) => {
    const targets = [
      { time: DAYS[0], vt_symbol: COIN, weight: -0.5 },
      { time: DAYS[1], vt_symbol: COIN, weight: 0 },
    ];
    const document = recipe({
      symbols: [COIN],
      portfolio: { class: 'ScheduledTargets', kwargs: { targets } },
      execution: { class: execution },
      kwargs: { ...FREE, lot_size: 10, account: { type: 'margin' } },
    });
    expect(run(document, bars(COIN, always(60_000))).warnings).toEqual([
      expect.objectContaining({ code: 'target_below_lot', count: 1 }),
    ]);
  });

  it('is not told of a target 0, nor of one that is a lot', () => {
    expect(holding(COIN, 10_000, {}, { lot_size: 1 }).warnings).toEqual([]);
  });
});

describe('lots of 1e-8', () => {
  const units = (text: string): bigint => BigInt(decimal.roundHalfEven(decimal.parseExact(text), 10));
  const LOT = 100n;

  it('stay exact in orders, fills, room, commission and cash', () => {
    for (let seed = 1; seed <= 60; seed++) {
      let state = seed * 2_654_435_761;
      const draw = (): number => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
      const scale = 10 ** Math.floor(draw() * 9 - 4);
      const prices = DAYS.map(() => Number((scale * (1 + draw())).toPrecision(7)));
      const cash = 10 ** Math.floor(3 + draw() * 4);
      const participation = draw() < 0.5 ? 1 : 0.37;
      const volume = draw() < 0.3 ? null : Number(((cash / scale) * draw()).toPrecision(12));
      const targets = DAYS.map((time) => ({ time, vt_symbol: COIN, weight: Math.round(draw() * 100) / 100 }));
      const document = recipe({
        symbols: [COIN],
        portfolio: { class: 'ScheduledTargets', kwargs: { targets } },
        execution: { class: draw() < 0.5 ? 'MarketExecution' : 'Bracket' },
        kwargs: {
          initial_cash: cash,
          max_participation: participation,
          account: { type: draw() < 0.5 ? 'cash' : 'margin' },
        },
      });
      const result = run(document, bars(COIN, prices, volume));
      // From 2^26 units on doubles are further apart than such lots.
      if (result.rows.some((row) => Math.abs(row.positions[COIN]?.quantity ?? 0) >= 2 ** 26)) continue;
      let [held, money] = [0n, units(String(cash))];
      const filled = new Map<string, bigint>();
      for (const fill of result.artifacts.fills) {
        const quantity = units(fill.quantity);
        expect({ seed, rest: quantity % LOT }).toEqual({ seed, rest: 0n });
        held += fill.side === 'buy' ? quantity : -quantity;
        filled.set(fill.ts, (filled.get(fill.ts) ?? 0n) + quantity);
        if (volume !== null)
          expect(Number(filled.get(fill.ts)!) / 1e10).toBeLessThanOrEqual(volume * participation * (1 + 1e-15));
      }
      for (const event of eventsOf(result)) {
        if (event['type'] !== 'CASH') continue;
        money += units(event['amount'] as string);
        expect(units(event['balance'] as string)).toBe(money);
      }
      expect({ seed, held }).toEqual({
        seed,
        held: units(decimal.plainDecimal(result.rows.at(-1)!.positions[COIN]?.quantity ?? 0)),
      });
    }
  });

  it('buy the largest affordable lot', () => {
    const result = holding(COIN, 60_000, { commission_pct: 0.001 });
    const order = orderOf(result, 'o-1');
    expect([order.requested_quantity, order.quantity]).toEqual(['0.16666666', '0.16650016']);
    const cost = (quantity: number): number => quantity * 60_000 * 1.001;
    expect(cost(0.16650016)).toBeLessThanOrEqual(10_000);
    expect(cost(0.16650017)).toBeGreaterThan(10_000);
  });

  it('split into whole lots, the rest in cash', () => {
    const document = recipe({
      symbols: [COIN],
      execution: {
        class: 'ScheduledOrders',
        kwargs: {
          orders: [{ time: DAYS[0], vt_symbol: COIN, side: 'buy', order_type: 'market', quantity: 0.00000007 }],
        },
      },
      kwargs: { ...FREE, normalization: 'raw' },
    });
    const result = run(document, bars(COIN, [1e8, 1e8, 1e8, 3e8, 3e8]), {
      actions: [{ vt_symbol: COIN, ex_date: DAYS[3]!, type: 'split', ratio: 1 / 3 }],
    });
    expect(result.rows.at(-1)!.positions[COIN]!.quantity).toBe(2e-8);
    expect(eventsOf(result).find((event) => event['kind'] === 'split_fraction')).toMatchObject({ amount: '1' });
  });
});

describe('F9: what a run says of a symbol', () => {
  it('without bars is said once, of the universe and of its target', () => {
    const both = recipe({
      symbols: [COIN, 'ETH.BINANCE'],
      portfolio: weights({ [COIN]: 0.5, 'ETH.BINANCE': 0.5 }) as { class: string; kwargs: Record<string, unknown> },
      kwargs: FREE,
    });
    expect(run(both, bars(COIN, always(100))).warnings).toEqual([
      expect.objectContaining({ code: 'symbol_without_data', vt_symbol: 'ETH.BINANCE' }),
    ]);
  });
});

describe('money', () => {
  it('that leaves its 28 digits ends the run with a reason', () => {
    const prices = DAYS.map((_, i) => 1e-6 * 1e3 ** i);
    const document = recipe({
      symbols: [COIN],
      portfolio: weights({ [COIN]: 1 }) as { class: string; kwargs: Record<string, unknown> },
      kwargs: { ...FREE, initial_cash: 1e9 },
    });
    expect(() => run(document, bars(COIN, prices))).toThrow(expect.objectContaining({ code: 'bad_input' }));
  });
});
