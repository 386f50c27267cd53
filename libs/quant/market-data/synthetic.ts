import { DomainError } from '#kernel';
import type { Interval } from '../bars/index.ts';
import { calendarFor, DAY_MS } from '../calendars/index.ts';
import { expectedLabels, intradayMs } from './intervals.ts';

/** One path of synthetic bars; `mu` and `sigma` per year. Source: data.md 7.2 and 14, G1, G2. */
export interface SyntheticOptions {
  readonly model: 'gbm' | 'ohlc_sine' | 'regime';
  readonly seed: number;
  readonly vtSymbol: string;
  readonly interval: Interval;
  /** Session dates, both inclusive. */
  readonly start: string;
  readonly end: string;
  readonly p0?: number;
  readonly mu?: number;
  readonly sigma?: number;
  /**
   * The path begins at the first session on or after this date; default `start`. Bars before `start` are made and left
   * out.
   */
  readonly origin?: string;
  /** By 0-based index of the bar on its path: left out, or given twice. */
  readonly gaps?: readonly number[];
  readonly duplicates?: readonly number[];
  /** Factor on the close of one bar, whose high and low are widened. */
  readonly spikes?: Readonly<Record<string, number>>;
  /** From a bar on: prices divided and volume multiplied. */
  readonly splits?: Readonly<Record<string, number>>;
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

interface Candle {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

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

/** Bars on the exchange's sessions: one per session or per regular intraday slot. */
export function* syntheticBars(options: SyntheticOptions): Generator<SyntheticBar> {
  const {
    vtSymbol,
    interval,
    start,
    end,
    origin = start,
    gaps = [],
    duplicates = [],
    spikes = {},
    splits = {},
  } = options;
  if (interval !== '1d' && intradayMs(interval) === undefined)
    throw new DomainError(422, 'bad_interval', { detail: 'Synthetic bars have the interval 1d or an intraday one.' });
  const left = new Set(gaps);
  const twice = new Set(duplicates);
  const next = candles(options);
  let ratio = 1;
  let k = 0;
  for (const { time, session } of expectedLabels(
    calendarFor(vtSymbol.slice(vtSymbol.lastIndexOf('.') + 1)),
    interval,
    origin,
    end,
  )) {
    const index = k++;
    ratio *= splits[index] ?? 1;
    const candle = divided(spiked(next(), spikes[index]), ratio);
    if (session.date < start || left.has(index)) continue;
    const bar = { time, sessionDay: session.label / DAY_MS, ...candle };
    yield bar;
    if (twice.has(index)) yield bar;
  }
}

/** Session dates and ratios of the splits that a path brings with it. */
export function syntheticSplits({
  vtSymbol,
  interval,
  start,
  end,
  origin = start,
  splits = {},
}: SyntheticOptions): { date: string; ratio: number }[] {
  if (Object.keys(splits).length === 0) return [];
  const found: { date: string; ratio: number }[] = [];
  let k = 0;
  for (const { session } of expectedLabels(
    calendarFor(vtSymbol.slice(vtSymbol.lastIndexOf('.') + 1)),
    interval,
    origin,
    end,
  )) {
    const ratio = splits[k++];
    if (ratio !== undefined) found.push({ date: session.date, ratio });
  }
  return found;
}

function candles(options: SyntheticOptions): () => Candle {
  const { model, seed, vtSymbol, interval, p0 = 100, mu = 0.08, sigma = 0.2 } = options;
  if (model === 'ohlc_sine') return sine(p0);
  const length = intradayMs(interval);
  const dt = length === undefined ? 1 / 252 : length / 60_000 / (252 * 390);
  const draw = mulberry32(`${seed}|${vtSymbol}|${interval}`);
  let previous = p0;
  let stressed = false;
  return () => {
    // Regimes: one draw more at the head of each bar flips the state; the first state is calm.
    if (model === 'regime' && draw() < 0.02) stressed = !stressed;
    const drift = model === 'gbm' ? mu : stressed ? -0.2 : 0.1;
    const spread = model === 'gbm' ? sigma : stressed ? 0.4 : 0.12;
    const scale = spread * Math.sqrt(dt);
    const wick = 0.25 * scale;
    const u1 = 1 - draw();
    const z = Math.sqrt(-2 * Math.log(u1)) * Math.cos(2 * Math.PI * draw());
    const open = previous;
    const close = round4(previous * Math.exp((drift - (spread * spread) / 2) * dt + scale * z));
    const high = round4(Math.max(open, close) * (1 + wick * draw()));
    const low = round4(Math.min(open, close) * (1 - wick * draw()));
    const volume = Math.round(1e6 * (0.5 + draw()));
    previous = close;
    return { open, high, low, close, volume };
  };
}

function sine(p0: number): () => Candle {
  let k = 0;
  let previous = p0;
  return () => {
    const open = previous;
    const close = p0 * (1 + 0.1 * Math.sin((2 * Math.PI * k++) / 20));
    previous = close;
    return { open, close, high: 1.001 * Math.max(open, close), low: 0.999 * Math.min(open, close), volume: 1e6 };
  };
}

function spiked(candle: Candle, factor: number | undefined): Candle {
  if (factor === undefined) return candle;
  const close = candle.close * factor;
  return { ...candle, close, high: Math.max(candle.high, close), low: Math.min(candle.low, close) };
}

function divided({ open, high, low, close, volume }: Candle, ratio: number): Candle {
  return ratio === 1
    ? { open, high, low, close, volume }
    : { open: open / ratio, high: high / ratio, low: low / ratio, close: close / ratio, volume: volume * ratio };
}

function round4(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
