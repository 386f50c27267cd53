import type { Signal, Target } from '../../strategy/index.ts';
import { signOf } from '../alpha/emission.ts';

/** Σ sign·strength·confidence of one symbol over its active signals. */
export interface Conviction { vtSymbol: string; id: number | undefined; value: number }

/** One entry per symbol with an active signal, the strongest first, ties by symbol. */
export function rankConvictions(active: readonly Signal[]): Conviction[] {
  const bySymbol = new Map<string, Conviction>();
  for (const signal of active) {
    const value = signOf(signal.direction) * signal.strength * signal.confidence;
    const entry = bySymbol.get(signal.vtSymbol);
    if (entry) entry.value += value;
    else bySymbol.set(signal.vtSymbol, { vtSymbol: signal.vtSymbol, id: signal.id, value });
  }
  return [...bySymbol.values()].sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || (a.vtSymbol < b.vtSymbol ? -1 : a.vtSymbol > b.vtSymbol ? 1 : 0));
}

function weighAlone(signal: Signal, weigh: (kept: readonly Conviction[], one: Conviction) => number): Target {
  const one: Conviction = { vtSymbol: signal.vtSymbol, id: signal.id, value: signOf(signal.direction) * signal.strength * signal.confidence };
  return { vtSymbol: one.vtSymbol, id: one.id, weight: one.value === 0 ? 0 : weigh([one], one) };
}

/** Targets of the kept symbols by `weigh`, 0 for every other symbol with an active signal; in code-point order. */
export function keepStrongest(active: readonly Signal[], limit: number, weigh: (kept: readonly Conviction[], one: Conviction) => number): Target[] {
  if (active.length === 1) return [weighAlone(active[0]!, weigh)];
  const ranked = rankConvictions(active);
  const kept = ranked.filter((one) => one.value !== 0).slice(0, limit);
  const chosen = new Set(kept);
  return ranked
    .map((one) => ({ vtSymbol: one.vtSymbol, id: one.id, weight: chosen.has(one) ? weigh(kept, one) : 0 }))
    .sort((a, b) => (a.vtSymbol < b.vtSymbol ? -1 : 1));
}
