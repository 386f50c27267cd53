import { decimal } from '../../decimal/index.ts';
import type { SessionVolume } from './policy.ts';

const SESSIONS = 20;

/**
 * Bars of one symbol known so far: volume (NaN = unknown), session date in days since 1970, and whether the newest
 * session is over.
 */
export interface KnownVolume {
  readonly volume: Float64Array;
  readonly day: Int32Array;
  readonly count: number;
  readonly closed: boolean;
}

/** Index of the last bar of a completed session, −1 without one. */
function lastCompleted({ day, count, closed }: KnownVolume): number {
  let i = count - 1;
  if (!closed && i >= 0) for (const open = day[i]!; i >= 0 && day[i] === open;) i--;
  return i;
}

/**
 * Volume of the last 20 completed sessions, or of as many as there are; null when there is none, or one bar's volume is
 * unknown.
 */
export function sessionVolume(known: KnownVolume): SessionVolume | null {
  return volumeUpTo(known, lastCompleted(known));
}

function volumeUpTo({ volume, day }: KnownVolume, end: number): SessionVolume | null {
  let total: decimal.Exact = { n: 0, scale: 0 };
  let sessions = 0;
  let last = -1;
  for (let i = end; i >= 0; i--) {
    if (day[i] !== last) {
      if (sessions === SESSIONS) break;
      sessions++;
      last = day[i]!;
    }
    const value = volume[i]!;
    if (Number.isNaN(value)) return null;
    total = decimal.add(total, decimal.exact(value));
  }
  return sessions === 0 ? null : { total, sessions };
}

interface Remembered {
  column: Float64Array;
  end: number;
  newest: number;
  answer: SessionVolume | null;
}

/**
 * `sessionVolume` by symbol, worked out once per completed session; a split that rescales the column shows in its
 * newest value.
 */
export class SessionVolumes {
  readonly #remembered = new Map<number, Remembered>();

  of(id: number, known: KnownVolume): SessionVolume | null {
    const end = lastCompleted(known);
    const before = this.#remembered.get(id);
    if (before?.column === known.volume && before.end === end && Object.is(before.newest, known.volume[end]))
      return before.answer;
    const answer = volumeUpTo(known, end);
    this.#remembered.set(id, { column: known.volume, end, newest: known.volume[end]!, answer });
    return answer;
  }
}
