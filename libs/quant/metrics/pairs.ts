import { mondayOf } from '../calendars/index.ts';

/** Ends of periods, or bars: instants, ms, and session dates, days since 1970; both ascend. */
export interface DatedInstants {
  readonly time: ArrayLike<number>;
  readonly day: ArrayLike<number>;
}

/** How two series are laid side by side: by session date, by ISO week, or by equal instants. */
export type Pairing = 'session' | 'week' | 'instant';

export interface Pairs {
  /** Periods that both have, counted from 0: period i ends with sample i + 1. */
  readonly periods: Int32Array;
  /** Bars of the other series at the begin and at the end of each of them. */
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** Returns of another series over periods of a run. `periods` counts from 0 as the run's own returns do. */
export interface PairedReturns {
  readonly periods: Int32Array;
  readonly returns: Float64Array;
}

const NONE = -1;

/**
 * Periods of a run that another series has too: it closed at the end of the period and at the end of the one before.
 * Other periods are left out whole, never bridged. A period within one date, the first of a run that decides during a
 * session, begins with the last bar of that date known by then.
 */
export function pairPeriods(samples: DatedInstants, bars: DatedInstants, by: Pairing): Pairs {
  const ends = by === 'instant' ? equalInstants(samples.time, bars.time) : lastOfKeys(samples.day, bars.day, by);
  const periods: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  for (let i = 1; i < ends.length; i++) {
    const end = ends[i]!;
    let begin = ends[i - 1]!;
    if (by !== 'instant' && end !== NONE && keyOf(samples.day[i]!, by) === keyOf(samples.day[i - 1]!, by))
      begin = knownWithin(bars, end, samples.time[i - 1]!, by);
    if (end === NONE || begin === NONE) continue;
    periods.push(i - 1);
    from.push(begin);
    to.push(end);
  }
  return { periods: Int32Array.from(periods), from: Int32Array.from(from), to: Int32Array.from(to) };
}

function keyOf(day: number, by: Pairing): number {
  return by === 'week' ? mondayOf(day) : day;
}

function equalInstants(samples: ArrayLike<number>, bars: ArrayLike<number>): Int32Array {
  const found = new Int32Array(samples.length).fill(NONE);
  let bar = 0;
  for (let i = 0; i < samples.length; i++) {
    while (bar < bars.length && bars[bar]! < samples[i]!) bar++;
    if (bar < bars.length && bars[bar] === samples[i]) found[i] = bar;
  }
  return found;
}

/** Last bar of each sample's date or week. */
function lastOfKeys(samples: ArrayLike<number>, bars: ArrayLike<number>, by: Pairing): Int32Array {
  const found = new Int32Array(samples.length).fill(NONE);
  let next = 0;
  for (let i = 0; i < samples.length; i++) {
    const key = keyOf(samples[i]!, by);
    while (next < bars.length && keyOf(bars[next]!, by) <= key) next++;
    if (next > 0 && keyOf(bars[next - 1]!, by) === key) found[i] = next - 1;
  }
  return found;
}

/** The last bar, from `end` back and of its date or week, that is known at this instant. */
function knownWithin({ time, day }: DatedInstants, end: number, instant: number, by: Pairing): number {
  const key = keyOf(day[end]!, by);
  let bar = end;
  while (bar >= 0 && time[bar]! > instant && keyOf(day[bar]!, by) === key) bar--;
  return bar >= 0 && keyOf(day[bar]!, by) === key ? bar : NONE;
}
