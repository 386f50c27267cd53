import type { Component } from './recipe.ts';

/** History of one symbol as plain arrays, oldest first. */
export interface History {
  open: number[];
  high: number[];
  low: number[];
  close: number[];
  volume: number[];
}
export interface Opinion {
  direction: 'long' | 'short' | 'flat';
  horizon: number | null;
}

export function ema(xs: number[], n: number): number[] {
  const alpha = 2 / (n + 1);
  const out: number[] = [];
  xs.forEach((x, i) => out.push(i === 0 ? x : alpha * x + (1 - alpha) * out[i - 1]!));
  return out;
}

/** Wilder's RSI at the last of `xs`: null with fewer than n + 1 values or when nothing moved. */
export function wilderRsi(xs: number[], n: number): number | null {
  if (xs.length < n + 1) return null;
  let gain = 0;
  let loss = 0;
  for (let i = 1; i <= n; i++) {
    gain += Math.max(xs[i]! - xs[i - 1]!, 0);
    loss += Math.max(xs[i - 1]! - xs[i]!, 0);
  }
  gain /= n;
  loss /= n;
  for (let i = n + 1; i < xs.length; i++) {
    gain = (gain * (n - 1) + Math.max(xs[i]! - xs[i - 1]!, 0)) / n;
    loss = (loss * (n - 1) + Math.max(xs[i - 1]! - xs[i]!, 0)) / n;
  }
  if (loss === 0) return gain === 0 ? null : 100;
  return 100 - 100 / (1 + gain / loss);
}

export const warmupOf = (alpha: Component | undefined): number => {
  if (!alpha) return 0;
  const k = alpha.kwargs;
  switch (alpha.class) {
    case 'EmaCross':
      return k.slow;
    case 'Rsi':
      return k.period + 1;
    case 'MeanReversion':
      return k.window;
    case 'DonchianBreakout':
      return Math.max(k.entry, k.exit) + 1;
    default:
      throw new Error(`the reference does not know the alpha ${alpha.class}`);
  }
};

/**
 * What the alpha says at the last bar of the history, given its own state for the symbol (mutated), or null for
 * nothing.
 */
export function opinion(alpha: Component, h: History, state: { side: number }): Opinion | null {
  const k = alpha.kwargs;
  const xs = h.close;
  const n = xs.length;
  const x = xs[n - 1]!;
  const say = (side: number): Opinion => ({
    direction: side > 0 ? 'long' : side < 0 && k.allow_short ? 'short' : 'flat',
    horizon: k.horizon_bars ?? null,
  });
  if (alpha.class === 'EmaCross') {
    const fast = ema(xs, k.fast);
    const slow = ema(xs, k.slow);
    const signs = fast.map((value, i) => Math.sign(value - slow[i]!));
    if (k.mode === 'level') return say(signs[n - 1]!);
    let last = 0;
    for (let i = k.slow - 1; i < n - 1; i++) if (signs[i] !== 0) last = signs[i]!;
    return signs[n - 1] !== 0 && signs[n - 1] === -last ? say(signs[n - 1]!) : null;
  }
  if (alpha.class === 'Rsi') {
    const value = wilderRsi(xs, k.period);
    if (value === null) return null;
    return value <= k.oversold ? say(1) : value >= k.overbought ? say(-1) : null;
  }
  if (alpha.class === 'MeanReversion') {
    const window = xs.slice(-k.window);
    const mean = window.reduce((a, b) => a + b, 0) / window.length;
    const s = Math.sqrt(window.reduce((a, b) => a + (b - mean) * (b - mean), 0) / (window.length - 1));
    if (!(s >= 1e-12)) return null;
    const z = (x - mean) / s;
    const next = z <= -k.entry_z ? 1 : z >= k.entry_z ? -1 : Math.abs(z) < k.exit_z ? 0 : state.side;
    if (next === state.side) return null;
    state.side = next;
    return say(next);
  }
  const before = (values: number[], count: number): number[] => values.slice(n - 1 - count, n - 1);
  let next = state.side;
  if (x > Math.max(...before(h.high, k.entry))) next = 1;
  else if (x < Math.min(...before(h.low, k.entry))) next = -1;
  else if (state.side > 0 && x < Math.min(...before(h.low, k.exit))) next = 0;
  else if (state.side < 0 && x > Math.max(...before(h.high, k.exit))) next = 0;
  if (next === state.side) return null;
  state.side = next;
  return say(next);
}
