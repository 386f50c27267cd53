import { DomainError } from '#kernel';
import type { Interval } from '../bars/index.ts';
import { calendarFor } from '../calendars/index.ts';
import { expectedLabels, intradayMs } from './intervals.ts';

/** Parameters of a path; `mu` and `sigma` per year. */
export interface GbmOptions {
  readonly seed: number;
  readonly vtSymbol: string;
  readonly interval: Interval;
  /** Session dates, both inclusive. */
  readonly start: string;
  readonly end: string;
  readonly p0?: number;
  readonly mu?: number;
  readonly sigma?: number;
  /** The path begins at the first session on or after this date; default `start`. Bars before `start` are made and left out. */
  readonly origin?: string;
}

export interface SyntheticBar {
  readonly time: number;
  readonly sessionDay: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

const DAY_MS = 86_400_000;

/** mulberry32 (Tommy Ettinger), seeded with FNV-1a 32 of a text: uniform in [0, 1). */
export function mulberry32(text: string): () => number {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Geometric Brownian motion on the exchange's sessions: one bar per session or per regular intraday slot. Source: data.md 7.2 and 14, G1. */
export function* gbmBars(options: GbmOptions): Generator<SyntheticBar> {
  const { seed, vtSymbol, interval, start, end, p0 = 100, mu = 0.08, sigma = 0.2, origin = start } = options;
  const length = intradayMs(interval);
  if (interval !== '1d' && length === undefined) throw new DomainError(422, 'bad_interval', { detail: 'Synthetic bars have the interval 1d or an intraday one.' });
  const dt = length === undefined ? 1 / 252 : length / 60_000 / (252 * 390);
  const drift = (mu - (sigma * sigma) / 2) * dt;
  const scale = sigma * Math.sqrt(dt);
  const wick = 0.25 * scale;
  const draw = mulberry32(`${seed}|${vtSymbol}|${interval}`);
  let previous = p0;
  for (const { time, session } of expectedLabels(calendarFor(vtSymbol.slice(vtSymbol.lastIndexOf('.') + 1)), interval, origin, end)) {
    const u1 = 1 - draw();
    const z = Math.sqrt(-2 * Math.log(u1)) * Math.cos(2 * Math.PI * draw());
    const open = previous;
    const close = round4(previous * Math.exp(drift + scale * z));
    const high = round4(Math.max(open, close) * (1 + wick * draw()));
    const low = round4(Math.min(open, close) * (1 - wick * draw()));
    const volume = Math.round(1e6 * (0.5 + draw()));
    previous = close;
    if (session.date >= start) yield { time, sessionDay: session.label / DAY_MS, open, high, low, close, volume };
  }
}

function round4(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
