import { decimal } from '#kernel';
import type { SessionVolume } from './policy.ts';

const SESSIONS = 20;

/** Bars of one symbol known so far: volume (NaN = unknown), session date in days since 1970, and whether the newest session is over. */
export interface KnownVolume {
  readonly volume: Float64Array;
  readonly day: Int32Array;
  readonly count: number;
  readonly closed: boolean;
}

/** Volume of the last 20 completed sessions, or of as many as there are; null when there is none, or one bar's volume is unknown. */
export function sessionVolume({ volume, day, count, closed }: KnownVolume): SessionVolume | null {
  let i = count - 1;
  if (!closed && i >= 0) for (const open = day[i]!; i >= 0 && day[i] === open; ) i--;
  let total: decimal.Exact = { n: 0n, scale: 0 };
  let sessions = 0;
  let last = -1;
  for (; i >= 0; i--) {
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
