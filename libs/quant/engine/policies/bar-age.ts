import { INTERVAL_MS, type Interval } from '../../bars/index.ts';
import { DAY_MS, mondayOf, type Calendar } from '../../calendars/index.ts';

const WEEK_DAYS = 7;

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Bars that the calendar closed after the bar with this label (ms) and session date (days since 1970), up to `now`. */
export function barsClosedSince(
  calendar: Calendar,
  interval: Interval,
  bar: { label: number; day: number },
  now: number,
  extendedHours: boolean,
): number {
  const sessions = calendar.sessions(dateOf(bar.day * DAY_MS), dateOf(now + DAY_MS));
  const length = INTERVAL_MS[interval];
  if (length === undefined) {
    const later = sessions.filter((session) => session.label > bar.day * DAY_MS && session.close <= now);
    if (interval !== '1w') return later.length;
    const next = calendar
      .sessions(dateOf(now), dateOf(now + WEEK_DAYS * DAY_MS))
      .find((session) => session.close > now);
    const mondays = new Set(
      later.map((session) => mondayOf(session.label / DAY_MS)).filter((monday) => monday > mondayOf(bar.day)),
    );
    if (next !== undefined) mondays.delete(mondayOf(next.label / DAY_MS));
    return mondays.size;
  }
  let count = 0;
  for (const session of sessions) {
    const { open, close } = extendedHours ? calendar.extended(session) : session;
    const bars = Math.ceil((close - open) / length);
    const upTo = (instant: number): number => Math.min(bars, Math.max(0, Math.floor((instant - open) / length)));
    // A bar counts when it began after the reference bar and is known by now.
    count += Math.max(0, upTo(now) - Math.min(bars, Math.max(0, Math.floor((bar.label - open) / length) + 1)));
  }
  return count;
}
