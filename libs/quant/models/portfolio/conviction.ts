import type { Ctx, PortfolioModel, Signal, Target } from '../../strategy/index.ts';
import { signOf } from '../alpha/emission.ts';

/** Σ sign·strength·confidence of one symbol over its active signals. `kept`: it is among the strongest. */
export interface Conviction {
  vtSymbol: string;
  id: number | undefined;
  value: number;
  kept: boolean;
}

/**
 * One entry per symbol with an active signal, in code-point order. Active signals come by symbol; any other order is
 * put right.
 */
function convictionsOf(active: readonly Signal[]): Conviction[] {
  const found: Conviction[] = [];
  let last: Conviction | undefined;
  let ascending = true;
  for (const signal of active) {
    const value = signOf(signal.direction) * signal.strength * signal.confidence;
    if (last !== undefined && signal.vtSymbol === last.vtSymbol) {
      last.value += value;
      continue;
    }
    if (last !== undefined && signal.vtSymbol < last.vtSymbol) ascending = false;
    last = { vtSymbol: signal.vtSymbol, id: signal.id, value, kept: false };
    found.push(last);
  }
  return ascending
    ? found
    : convictionsOf([...active].sort((a, b) => (a.vtSymbol < b.vtSymbol ? -1 : a.vtSymbol > b.vtSymbol ? 1 : 0)));
}

/**
 * The first `limit` that are not 0, the strongest first, ties by symbol. Where all are equally strong, as with most
 * alphas, they stand so already.
 */
function keep(convictions: readonly Conviction[], limit: number): Conviction[] {
  const kept = convictions.filter((one) => one.value !== 0);
  const strength = kept.length === 0 ? 0 : Math.abs(kept[0]!.value);
  if (kept.some((one) => Math.abs(one.value) !== strength))
    kept.sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || (a.vtSymbol < b.vtSymbol ? -1 : 1));
  if (kept.length > limit) kept.length = limit;
  for (const one of kept) one.kept = true;
  return kept;
}

type Weigh = (kept: readonly Conviction[], one: Conviction) => number;

/**
 * Weighs the `limit` strongest symbols by `weigh` and gives every other symbol with an active signal 0; in code-point
 * order. Worked out when signals change.
 */
export class StrongestSignals implements PortfolioModel {
  readonly #limit: number;
  readonly #weigh: Weigh;
  #revision = -1;
  #targets: readonly Target[] = [];

  constructor(limit: number, weigh: Weigh) {
    this.#limit = limit;
    this.#weigh = weigh;
  }

  construct(active: readonly Signal[], ctx: Ctx): readonly Target[] {
    if (ctx.signalRevision !== this.#revision) {
      this.#revision = ctx.signalRevision;
      this.#targets = this.#weighed(convictionsOf(active));
    }
    return this.#targets;
  }

  /** On its own: a function with a closure pays for it at every call, and at most bars nothing is weighed. */
  #weighed(convictions: readonly Conviction[]): Target[] {
    const kept = keep(convictions, this.#limit);
    return convictions.map((one) => ({
      vtSymbol: one.vtSymbol,
      id: one.id,
      weight: one.kept ? this.#weigh(kept, one) : 0,
    }));
  }
}
