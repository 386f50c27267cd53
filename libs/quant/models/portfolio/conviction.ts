import type { Signal, Target } from '../../strategy/index.ts';
import { signOf } from '../alpha/emission.ts';

/** Σ sign·strength·confidence of one symbol over its active signals. */
export interface Conviction { vtSymbol: string; id: number | undefined; value: number }

/** One entry per symbol with an active signal, in code-point order. Active signals come by symbol; any other order is put right. */
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
    last = { vtSymbol: signal.vtSymbol, id: signal.id, value };
    found.push(last);
  }
  return ascending ? found : convictionsOf([...active].sort((a, b) => (a.vtSymbol < b.vtSymbol ? -1 : a.vtSymbol > b.vtSymbol ? 1 : 0)));
}

/** The first `limit` that are not 0, the strongest first, ties by symbol. Where all are equally strong, as with most alphas, they stand so already. */
function strongest(convictions: readonly Conviction[], limit: number): Conviction[] {
  const taken = convictions.filter((one) => one.value !== 0);
  const strength = taken.length === 0 ? 0 : Math.abs(taken[0]!.value);
  if (taken.some((one) => Math.abs(one.value) !== strength)) taken.sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || (a.vtSymbol < b.vtSymbol ? -1 : 1));
  return taken.length > limit ? taken.slice(0, limit) : taken;
}

/** Targets of the kept symbols by `weigh`, 0 for every other symbol with an active signal; in code-point order. */
export function keepStrongest(active: readonly Signal[], limit: number, weigh: (kept: readonly Conviction[], one: Conviction) => number): Target[] {
  const convictions = convictionsOf(active);
  const kept = strongest(convictions, limit);
  const chosen = kept.length < limit ? null : new Set(kept);
  return convictions.map((one) => ({ vtSymbol: one.vtSymbol, id: one.id, weight: one.value !== 0 && (chosen === null || chosen.has(one)) ? weigh(kept, one) : 0 }));
}
