import { z } from 'zod';
import type { Ctx, RiskModel, Target } from '../../strategy/index.ts';
import { component } from '../component.ts';

const kwargs = z.strictObject({
  models: z
    .array(z.object({ class: z.string(), kwargs: z.record(z.string(), z.unknown()) }))
    .min(1)
    .max(20),
});

/** Risk models in order; where one overrides a symbol to 0, later models cannot raise it again. */
class CompositeRisk implements RiskModel {
  readonly #models: readonly RiskModel[];

  constructor(models: readonly RiskModel[]) {
    this.#models = models;
  }

  evaluate(targets: readonly Target[], ctx: Ctx): readonly Target[] {
    let current = targets;
    const closed = new Set<string>();
    for (const model of this.#models) {
      const before = new Map(current.map((target) => [target.vtSymbol, target.weight]));
      const next = model.evaluate(current, ctx);
      current =
        closed.size === 0
          ? next
          : next.map((target) => (closed.has(target.vtSymbol) ? { ...target, weight: 0 } : target));
      for (const target of current)
        if (target.weight === 0 && before.get(target.vtSymbol) !== 0) closed.add(target.vtSymbol);
    }
    return current;
  }
}

export const composite = component<z.infer<typeof kwargs>, RiskModel>({
  name: 'Composite',
  aliases: ['CompositeRisk', 'CompositeRiskModel'],
  tags: ['composition'],
  description: 'Several risk models one after the other.',
  kwargs,
  sample: { models: [{ class: 'BasicRisk', kwargs: {} }] },
  nested: 'risk',
  create: ({ models }, environment) =>
    new CompositeRisk(models.map((member) => environment.build('risk', member) as RiskModel)),
});
