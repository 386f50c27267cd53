import { z } from 'zod';
import type { PortfolioModel } from '../../strategy/index.ts';
import { component, moment, vtSymbol, weight } from '../component.ts';
import { Schedule } from '../schedule.ts';

const kwargs = z.strictObject({
  targets: z.array(z.strictObject({ time: moment, vt_symbol: vtSymbol, weight: weight() })).max(100_000),
});

export const scheduledTargets = component<z.infer<typeof kwargs>, PortfolioModel>({
  name: 'ScheduledTargets',
  aliases: ['ScheduledTargetsPortfolio'],
  tags: ['external', 'test'],
  description: 'A table of target weights by deciding bar: external weights, and a test double. Signals are ignored.',
  kwargs,
  sample: { targets: [{ time: '2024-01-02', vt_symbol: 'SPX.CBOE', weight: 0.95 }] },
  replaces: ['alpha'],
  create: ({ targets }, { interval }) => {
    const schedule = new Schedule(targets, interval);
    return {
      construct: (_active, ctx) => {
        const due = schedule.at(ctx.slice);
        // A symbol has one weight: of several rows for one bar the last one stands.
        return due
          .filter((entry, i) => due[i + 1]?.vt_symbol !== entry.vt_symbol)
          .map((entry) => ({ vtSymbol: entry.vt_symbol, weight: entry.weight }));
      },
      unmatched: () => schedule.unmatched(),
    };
  },
});
