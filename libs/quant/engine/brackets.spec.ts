import { inlineBarsToSeries, type InlineBar } from '../bars/index.ts';
import { Xoshiro128 } from '../random/index.ts';
import { normaliseRecipe } from '../recipe/index.ts';
import { SESSIONS, dailyBars, orderOf, recipe, run, type Ran } from '../testing/builders.ts';
import { buildModels, runStrategy } from './run.ts';
import type { CorporateAction } from './types.ts';

const MARGIN = { slippage_bps: 0, commission_pct: 0, account: { type: 'margin' } };

/** Fractions of the close: stop 5 % and take 50 %, on an account of 10 000. */
describe('F11: an exit that shares its way with a working order', () => {
  const bracketRun = (
    bars: (readonly [number, number | null])[],
    weights: number[],
    kwargs: Record<string, unknown> = {},
    options = {},
  ): Ran =>
    run(
      recipe({
        portfolio: {
          class: 'ScheduledTargets',
          kwargs: { targets: weights.map((weight, i) => ({ time: SESSIONS[i], vt_symbol: 'X.SIM', weight })) },
        },
        execution: { class: 'Bracket', kwargs: { stop_pct: 0.05, take_pct: 0.5 } },
        kwargs: { ...MARGIN, initial_cash: 10_000, ...kwargs },
      }),
      dailyBars(bars.map(([price, volume]) => [price, price, price, price, volume])),
      options,
    );
  const held = (result: Ran): number[] => result.rows.map((row) => row.positions['X.SIM']?.quantity ?? 0);

  it('ends the brackets when the order that completes the exit is accepted: flat from 01-05 on', () => {
    const result = bracketRun(
      [
        [100, 1000],
        [100, 1000],
        [100, 0],
        [80, 1000],
        [80, 1000],
      ],
      [1, 0.5, 0],
    );
    expect(held(result)).toEqual([0, 100, 100, 0, 0]);
    expect(
      result.artifacts.orders.map((order) => [order.order_type, order.quantity, order.status, order.reason]),
    ).toEqual([
      ['market', '100', 'filled', null],
      ['stop', '100', 'cancelled', 'exit'],
      ['limit', '100', 'cancelled', 'exit'],
      ['market', '50', 'filled', null],
      ['market', '50', 'filled', null],
    ]);
  });

  it('gives the rest of a flip its own exits: flat from 01-08 on', () => {
    const result = bracketRun(
      [
        [100, 1000],
        [100, 1000],
        [100, 0],
        [100, 1000],
        [110, 1000],
        [110, 1000],
      ],
      [1, -0.5, -0.6],
    );
    expect(held(result)).toEqual([0, 100, 100, -60, 0, 0]);
    expect(
      result.artifacts.orders
        .filter((order) => order.order_type === 'stop')
        .map((order) => [order.side, order.quantity, order.stop_price]),
    ).toEqual([
      ['sell', '100', '95'],
      ['buy', '50', '105'],
      ['buy', '10', '105'],
    ]);
  });

  it('cancels a waiting reduction with the exit that leaves the symbol flat', () => {
    const result = bracketRun(
      [
        [100, 1000],
        [100, 1000],
        [100, 0],
        [80, 1000],
        [80, 1000],
      ],
      [1, 0.5],
    );
    expect(held(result)).toEqual([0, 100, 100, 0, 0]);
    expect(orderOf(result, 'o-4')).toMatchObject({
      status: 'cancelled',
      reason: 'position_closed',
      filled_quantity: '0',
    });
  });

  it('flips through a waiting reduction', () => {
    const result = bracketRun(
      [
        [100, 1000],
        [100, 1000],
        [100, 0],
        [100, 1000],
        [110, 1000],
        [110, 1000],
      ],
      [1, 0.5, -0.2],
    );
    expect(held(result)).toEqual([0, 100, 100, -20, 0, 0]);
    expect(orderOf(result, 'o-2')).toMatchObject({ status: 'cancelled', reason: 'exit' });
  });

  it('enters beyond a waiting exit', () => {
    const result = bracketRun(
      [
        [100, 1000],
        [100, 1000],
        [100, 0],
        [100, 1000],
        [110, 1000],
        [110, 1000],
      ],
      [1, 0, -0.2],
    );
    expect(held(result)).toEqual([0, 100, 100, -20, 0, 0]);
  });

  it('exits in many small parts', () => {
    const volumes: [number, number][] = [
      [100, 1000],
      [100, 1000],
      [100, 30],
      [100, 30],
      [100, 30],
      [100, 30],
      [80, 1000],
    ];
    expect(held(bracketRun(volumes, [1, 0]))).toEqual([0, 100, 70, 40, 10, 0, 0]);
    expect(held(bracketRun(volumes, [1, 0.5, 0]))).toEqual([0, 100, 70, 40, 10, 0, 0]);
  });

  it('never lets a reduction open, where an exit took part of what it was to reduce', () => {
    const result = bracketRun(
      [
        [100, 1000],
        [100, 1000],
        [100, 0],
        [150, 80],
        [100, 1000],
        [100, 1000],
      ],
      [1, 0.5],
    );
    expect(held(result)).toEqual([0, 100, 100, 20, 0, 0]);
  });

  it('waits for a bar, and rescales with a split while it waits', () => {
    const bars = dailyBars(
      [
        [100, 100, 100, 100],
        [100, 100, 100, 100],
        [40, 40, 40, 40],
        [40, 40, 40, 40],
      ],
      'X.SIM',
      [SESSIONS[0], SESSIONS[1], SESSIONS[4], SESSIONS[5]],
    );
    const other = dailyBars(
      SESSIONS.map(() => [10, 10, 10, 10]),
      'Y.SIM',
    );
    const targets = [1, 0.5, 0].map((weight, i) => ({ time: SESSIONS[i], vt_symbol: 'X.SIM', weight }));
    const document = recipe({
      symbols: ['X.SIM', 'Y.SIM'],
      portfolio: { class: 'ScheduledTargets', kwargs: { targets } },
      execution: { class: 'Bracket', kwargs: {} },
      kwargs: { ...MARGIN, initial_cash: 10_000, normalization: 'raw' },
    });
    const result = run(document, [...bars, ...other], {
      actions: [{ vt_symbol: 'X.SIM', ex_date: SESSIONS[4], type: 'split', ratio: 2 }],
    });
    expect(held(result).at(-1)).toBe(0);
    expect(result.artifacts.fills.map((fill) => `${fill.side} ${fill.quantity}`)).toEqual(['buy 100', 'sell 200']);
  });

  it('ends exits and reductions with a position that a split leaves no share of', () => {
    const result = bracketRun(
      [
        [100, null],
        [100, null],
        [100, 0],
        [100, 0],
        [20_000, null],
        [20_000, null],
      ],
      [1, 0.5],
      { normalization: 'raw' },
      { actions: [{ vt_symbol: 'X.SIM', ex_date: SESSIONS[3], type: 'split', ratio: 1 / 200 }] },
    );
    expect(held(result)).toEqual([0, 100, 100, 0, 0, 0]);
    expect(result.artifacts.orders.slice(1).map((order) => [order.status, order.reason])).toEqual(
      [1, 2, 3].map(() => ['cancelled', 'position_closed']),
    );
  });

  /** Bars with gaps, without volume and with little of it, and targets now and then; `both`: of either side. */
  function drawn(seed: number): { document: unknown; bars: InlineBar[]; actions: CorporateAction[]; both: boolean } {
    const rng = new Xoshiro128(seed, 'brackets');
    const draw = (): number => rng.uniform();
    const both = draw() < 0.5;
    let price = 100;
    const bars = SESSIONS.flatMap((time): InlineBar[] => {
      price = Math.max(10, Math.round(price * (0.92 + 0.16 * draw())));
      const [high, low] = [price + rng.below(7), price - rng.below(6)];
      const volume = draw() < 0.2 ? 0 : draw() < 0.3 ? null : 1 + rng.below(150);
      const bar = { vt_symbol: 'X.SIM', time, open: price, high, low, close: low + rng.below(high - low + 1), volume };
      return draw() < 0.1 ? [] : [bar];
    });
    const targets = SESSIONS.flatMap((time) => {
      const weight = ((both && draw() < 0.5 ? -1 : 1) * rng.below(4)) / 4;
      return draw() < 0.4 ? [] : [{ time, vt_symbol: 'X.SIM', weight }];
    });
    const kwargs = {
      initial_cash: 10_000,
      normalization: 'raw',
      account: { type: both || draw() < 0.5 ? 'margin' : 'cash' },
      max_participation: draw() < 0.5 ? 1 : 0.4,
      on_insufficient: draw() < 0.8 ? 'reduce' : 'reject',
    };
    const split = {
      vt_symbol: 'X.SIM',
      ex_date: SESSIONS[3 + rng.below(6)]!,
      type: 'split' as const,
      ratio: [2, 0.5, 0.01][rng.below(3)]!,
    };
    const execution = { class: 'Bracket', kwargs: { stop_pct: 0.05, take_pct: 0.08 } };
    const document = recipe({ portfolio: { class: 'ScheduledTargets', kwargs: { targets } }, execution, kwargs });
    return { document, bars, actions: draw() < 0.3 ? [split] : [], both };
  }

  it('leaves no entry without exits, no order behind a closed position, and goes where a target is', () => {
    for (let seed = 1; seed <= 250; seed++) {
      const { document, bars, actions, both } = drawn(seed);
      const normalised = normaliseRecipe(document);
      const models = buildModels(normalised.recipe);
      const { execution } = models;
      const faults: unknown[] = [];
      let [ending, before] = [false, 0];
      models.execution = {
        execute: (targets, ctx) => {
          const held = ctx.portfolio.quantityOf(0);
          if (held === 0 || held * before < 0) ending = false;
          before = held;
          const exits = ctx.openOrders.filter((order) => order.reduceOnly);
          const covered = (type: string): number =>
            exits.filter((one) => one.orderType === type).reduce((sum, one) => sum + one.remaining, 0);
          if (held < 0 && !both) faults.push([ctx.now, 'short']);
          if (exits.some((one) => held === 0 || (one.side === 'sell') !== held > 0))
            faults.push([ctx.now, 'exits of another position']);
          if (held !== 0 && !ending && Math.min(covered('stop'), covered('limit')) < Math.abs(held))
            faults.push([ctx.now, 'without exits']);
          const requests = execution.execute(targets, ctx);
          const signed = (side: string, quantity: number): number => (side === 'buy' ? quantity : -quantity);
          let goal = held;
          for (const one of ctx.openOrders) if (!one.reduceOnly) goal += signed(one.side, one.remaining);
          for (const one of requests) goal += signed(one.side, one.quantity);
          ending ||= requests.length > 0 && goal * held <= 0;
          return requests;
        },
      };
      const series = inlineBarsToSeries(bars, '1d').series;
      const { artifacts } = runStrategy(models, { ...normalised, seed: 42, series, actions });
      const left = artifacts.orders.filter(({ reason, reduce_only: exit }) => exit && reason === 'reduce_only');
      expect({ seed, faults, left }).toEqual({ seed, faults: [], left: [] });
    }
  });
});
