import { z } from 'zod';
import type { Ctx, RiskModel, Target } from '../../strategy/index.ts';
import { component, number } from '../component.ts';

const kwargs = z.strictObject({
  max_position_pct: number().min(0).max(10).default(0.2),
  max_drawdown_pct: number().min(0).max(1).default(0.15),
  max_leverage: number().min(0).max(10).default(1),
});
type Kwargs = z.infer<typeof kwargs>;

/**
 * Clips each target, scales the targets to the leverage left beside the held symbols without one, goes and stays flat
 * at the drawdown limit.
 */
class BasicRisk implements RiskModel {
  readonly #options: Kwargs;
  #flat = false;

  constructor(options: Kwargs) {
    this.#options = options;
  }

  evaluate(targets: readonly Target[], ctx: Ctx): readonly Target[] {
    if (!this.#flat && ctx.portfolio.drawdown <= -this.#options.max_drawdown_pct) {
      this.#flat = true;
      ctx.warn('risk_flat', `The drawdown reached ${this.#options.max_drawdown_pct}; the run stays flat from here.`);
    }
    if (this.#flat) return this.#zeroes(targets, ctx);
    if (targets.length === 0) return targets;
    const limit = this.#options.max_position_pct;
    const clipped = targets.map((target) => ({ ...target, weight: Math.min(limit, Math.max(-limit, target.weight)) }));
    const asked = clipped.reduce((sum, target) => sum + Math.abs(target.weight), 0);
    const held = this.#heldWithout(clipped, ctx);
    if (asked + held <= this.#options.max_leverage) return clipped;
    const room = this.#options.max_leverage - held;
    const scale = asked > 0 ? Math.max(0, room) / asked : 0;
    return clipped.map((target) => ({ ...target, weight: target.weight * scale }));
  }

  #heldWithout(targets: readonly Target[], ctx: Ctx): number {
    const named = new Set(targets.map((target) => target.vtSymbol));
    let sum = 0;
    for (const id of ctx.portfolio.held())
      if (!named.has(ctx.symbols[id]!))
        sum += Math.abs(ctx.portfolio.quantityOf(id) * ctx.portfolio.priceOf(id)) / ctx.portfolio.equity;
    return sum;
  }

  #zeroes(targets: readonly Target[], ctx: Ctx): Target[] {
    const symbols = new Set([
      ...targets.map((target) => target.vtSymbol),
      ...ctx.portfolio.held().map((id) => ctx.symbols[id]!),
    ]);
    return [...symbols].sort().map((vtSymbol) => ({ vtSymbol, weight: 0 }));
  }
}

export const basicRisk = component<Kwargs, RiskModel>({
  name: 'BasicRisk',
  aliases: ['BasicRiskModel'],
  tags: ['limits'],
  description: 'Position, leverage and drawdown limits.',
  kwargs,
  sample: { max_position_pct: 0.2, max_drawdown_pct: 0.15, max_leverage: 1 },
  create: (options) => new BasicRisk(options),
});
