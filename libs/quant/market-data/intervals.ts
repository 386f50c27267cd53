import type { Interval } from '../bars/index.ts';
import { INTERVAL_MS } from '../bars/index.ts';
import { DAY_MS, mondayOf, type Calendar, type Session } from '../calendars/index.ts';

/** Stored intervals and those that are derived on read. */
export type AnyInterval = Interval | '30m' | '4h' | '1mo';

/** Length of an intraday interval in ms; undefined for `tick`, `1d`, `1w`, `1mo`. */
export function intradayMs(interval: AnyInterval): number | undefined {
  if (interval === '30m') return 1_800_000;
  if (interval === '4h') return 14_400_000;
  return interval === '1mo' ? undefined : INTERVAL_MS[interval];
}

export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** First (00:00Z) and last day of the ISO week or calendar month that contains a label, as dates. */
export function periodOf(interval: '1w' | '1mo', label: number): { from: string; to: string } {
  const date = new Date(label);
  if (interval === '1mo') {
    const year = date.getUTCFullYear();
    const month = date.getUTCMonth();
    return {
      from: new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10),
      to: new Date(Date.UTC(year, month + 1, 0)).toISOString().slice(0, 10),
    };
  }
  const monday = mondayOf(Math.floor(label / DAY_MS));
  return { from: dateOfDay(monday), to: dateOfDay(monday + 6) };
}

/** Sessions of the week or month of a label; memoised by the caller where it is hot. */
export function periodSessions(calendar: Calendar, interval: '1w' | '1mo', label: number): readonly Session[] {
  const { from, to } = periodOf(interval, label);
  return calendar.sessions(from, to);
}

export interface GridLabel {
  readonly time: number;
  readonly session: Session;
}

/**
 * Labels at which the calendar expects bars of an interval, ascending, for sessions with `from <= date <= to`: session
 * dates, first sessions of weeks or months, or the starts of regular intraday bars. Nothing for `tick`.
 */
export function* expectedLabels(
  calendar: Calendar,
  interval: AnyInterval,
  from: string,
  to: string,
): Generator<GridLabel> {
  const length = intradayMs(interval);
  let period = '';
  for (const session of calendar.sessions(from, to)) {
    if (interval === '1w' || interval === '1mo') {
      const start = periodOf(interval, session.label).from;
      if (start === period) continue;
      period = start;
      // The range may begin inside a period whose label lies before it.
      const first = periodSessions(calendar, interval, session.label)[0]!;
      if (first.date >= from) yield { time: first.label, session: first };
    } else if (interval === '1d') yield { time: session.label, session };
    else if (length !== undefined)
      for (let time = session.open; time < session.close; time += length) yield { time, session };
  }
}
