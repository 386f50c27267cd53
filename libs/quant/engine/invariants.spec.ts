import { decimal } from '#kernel';
import { inlineBarsToSeries } from '../bars/index.ts';
import { replayEventLog } from '../replay/index.ts';
import type { Ctx, StrategyModels } from '../strategy/index.ts';
import { eventsOf, run, toldRows, type Ran } from '../testing/builders.ts';
import { randomRun } from '../testing/random-runs.ts';
import { buildModels, runStrategy } from './run.ts';
import { signalRows } from './signal-table.ts';

const SEEDS = Array.from({ length: 120 }, (_, i) => i + 1);
const runs = new Map<number, Ran>();

function runOf(seed: number): Ran {
  let result = runs.get(seed);
  if (!result) {
    const { document, bars } = randomRun(seed);
    runs.set(seed, (result = run(document, bars)));
  }
  return result;
}

function money(text: unknown): bigint {
  return decimal.roundHalfEven(decimal.parseExact(text as string));
}

function everyRun(check: (result: Ran, seed: number) => void): void {
  for (const seed of SEEDS) {
    const result = runOf(seed);
    try {
      check(result, seed);
    } catch (cause) {
      throw new Error(`seed ${seed}`, { cause });
    }
  }
}

/** The same models without anything they remember between slices: a new revision each time, new arrays, no ids. */
function withoutShortcuts(models: StrategyModels): StrategyModels {
  let revision = 0;
  const blind = (ctx: Ctx): Ctx =>
    new Proxy(ctx, {
      get: (target, key) =>
        key === 'signalRevision'
          ? ++revision
          : ((value) => (typeof value === 'function' ? value.bind(target) : value))(
              Reflect.get(target, key) as unknown,
            ),
    });
  const bare = <T extends { id?: number }>(rows: readonly T[]): T[] => rows.map((row) => ({ ...row, id: undefined }));
  const { universe, alpha, portfolio, risk, execution } = models;
  return {
    ...models,
    universe: { select: (ctx) => [...universe.select(ctx)] },
    alpha: alpha && {
      warmupBars: alpha.warmupBars,
      onSlice: (slice, members, ctx) => bare(alpha.onSlice(slice, [...members], ctx)),
    },
    portfolio: portfolio && {
      construct: (active, ctx) =>
        bare(
          portfolio.construct(
            active.map((one) => ({ ...one })),
            blind(ctx),
          ),
        ),
      unmatched: () => portfolio.unmatched?.() ?? [],
    },
    risk: { evaluate: (targets, ctx) => bare(risk.evaluate(targets, ctx)) },
    execution: {
      execute: (targets, ctx) => execution.execute(targets, ctx).map((request) => ({ ...request })),
      unmatched: () => execution.unmatched?.() ?? [],
    },
  };
}

describe('random recipes', () => {
  it('trade: the generator reaches every order status that bars can cause', () => {
    const statuses = new Set<string>();
    everyRun((result) =>
      result.artifacts.orders.forEach((order) =>
        statuses.add(`${order.status}${order.status === 'cancelled' ? `:${order.reason}` : ''}`),
      ),
    );
    expect([...statuses]).toEqual(
      expect.arrayContaining([
        'filled',
        'denied',
        'expired',
        'cancelled:oco',
        'cancelled:ioc',
        'cancelled:fok',
        'cancelled:reduced',
        'cancelled:replaced',
        'cancelled:exit',
      ]),
    );
  });

  it('INV-7: cash = initial + Σ CASH and position = Σ signed fills, at every event', () => {
    everyRun((result) => {
      let cash = money(String(result.initialCash));
      const held = new Map<string, bigint>();
      for (const event of eventsOf(result)) {
        if (event['type'] === 'CASH') {
          cash += money(event['amount']);
          expect(event['balance']).toBe(decimal.formatUnits(cash));
        } else if (event['type'] === 'FILL') {
          const symbol = event['vt_symbol'] as string;
          held.set(symbol, (held.get(symbol) ?? 0n) + (event['side'] === 'buy' ? 1n : -1n) * money(event['quantity']));
        } else if (event['type'] === 'SNAPSHOT') {
          const positions = Object.entries(event['positions'] as Record<string, { quantity: string }>).map(
            ([symbol, { quantity }]) => [symbol, quantity],
          );
          const folded = [...held]
            .filter(([, quantity]) => quantity !== 0n)
            .map(([symbol, quantity]) => [symbol, decimal.formatUnits(quantity)])
            .sort();
          expect(positions).toEqual(folded);
          expect(event['cash']).toBe(decimal.formatUnits(cash));
        }
      }
    });
  });

  it('INV-8: fills of an order never exceed it, and trade ids are applied once', () => {
    everyRun((result) => {
      const filled = new Map<string, bigint>();
      for (const fill of result.artifacts.fills)
        filled.set(fill.order_id, (filled.get(fill.order_id) ?? 0n) + money(fill.quantity));
      for (const order of result.artifacts.orders) {
        expect(filled.get(order.order_id) ?? 0n).toBe(money(order.filled_quantity));
        expect(money(order.filled_quantity) <= money(order.quantity)).toBe(true);
      }
      expect(new Set(result.artifacts.fills.map((fill) => fill.trade_id)).size).toBe(result.artifacts.fills.length);
    });
  });

  it('a cash account never holds a short nor a debit', () => {
    everyRun((result) => {
      if (result.normalised.recipe.backtest.kwargs.account.type !== 'cash') return;
      for (const row of result.rows) {
        for (const position of Object.values(row.positions)) expect(position.quantity).toBeGreaterThan(0);
        expect(row.cash).toBeGreaterThanOrEqual(0);
      }
    });
  });

  it('replay from the log alone', () => {
    everyRun((result) => {
      const replayed = replayEventLog(result.artifacts.eventLog!);
      expect(replayed.equity).toEqual(toldRows(result));
      expect(replayed.fills).toEqual(result.artifacts.fills);
      expect(replayed.eventLogHash).toBe(result.eventLogHash);
    });
  });

  it('decide the same on a prefix of the bars, up to its last decision', () => {
    for (const seed of SEEDS.slice(0, 60)) {
      const { document, bars, rng } = randomRun(seed);
      const dates = [...new Set(bars.map((bar) => bar.time))].sort();
      const cut = dates[30 + rng.below(25)]!;
      const prefix = bars.filter((bar) => bar.time <= cut);
      if (new Set(prefix.map((bar) => bar.vt_symbol)).size < new Set(bars.map((bar) => bar.vt_symbol)).size) continue;
      const whole = eventsOf(runOf(seed));
      const part = eventsOf(run(document, prefix));
      const lastTime = part.at(-1)!['t'];
      const until = part.findIndex(
        (event) =>
          event['t'] === lastTime &&
          (event['reason'] === 'end_of_data' ||
            (event['type'] === 'ORDER' && event['reduce_only'] === true) ||
            event['type'] === 'SNAPSHOT'),
      );
      expect({ seed, events: part.slice(0, until) }).toEqual({ seed, events: whole.slice(0, until) });
    }
  });

  it('come out the same without any shortcut', () => {
    for (const seed of SEEDS) {
      const { bars } = randomRun(seed);
      const fast = runOf(seed);
      const { recipe, specHash } = fast.normalised;
      const slow = runStrategy(withoutShortcuts(buildModels(recipe)), {
        recipe,
        specHash,
        seed: recipe.backtest.kwargs.seed,
        series: inlineBarsToSeries(bars, '1d').series,
      });
      expect({ seed, fills: slow.artifacts.fills }).toEqual({ seed, fills: fast.artifacts.fills });
      expect(slow.eventLogHash).toBe(fast.eventLogHash);
      expect(slow.metrics).toEqual(fast.metrics);
    }
  });

  it('come out the same with the log on and off, which alone lets quiet bars pass', () => {
    for (const seed of SEEDS) {
      const { document, bars } = randomRun(seed);
      const quiet = structuredClone(document) as { backtest: { kwargs: Record<string, unknown> } };
      quiet.backtest.kwargs['event_log'] = 'off';
      const [a, b] = [runOf(seed), run(quiet, bars)];
      expect(b.rows).toEqual(a.rows);
      expect(b.artifacts.orders).toEqual(a.artifacts.orders);
      expect(b.artifacts.roundTrips).toEqual(a.artifacts.roundTrips);
      expect([...signalRows(b.artifacts.signals)]).toEqual([...signalRows(a.artifacts.signals)]);
      expect(b.metrics).toEqual(a.metrics);
      expect(b.warnings).toEqual(a.warnings);
    }
  });
});
