import type { WrittenMoment } from '#kernel';
import type { Calendar, Session } from './calendar.ts';
import { DAY_MS } from './civil-dates.ts';
import { endsWeek, weekLabel, weekOf } from './weeks.ts';
import { instantsOfLocal, offsetAt } from './zone-offsets.ts';

export interface StampRules {
  /**
   * IANA name of the zone of wall times without an offset, and of midnights. Absent or null: the exchange's own. An
   * unknown name throws RangeError.
   */
  readonly timezone?: string | null;
  /** What a stamp marks that closes one session and opens the next (FX). Default `start`: the open. */
  readonly label?: 'start' | 'end';
  /**
   * Take any instant inside a session too, a wall time without an offset being UTC then: bars that come with a request.
   */
  readonly inside?: boolean;
}

/** How a stamp names its session; `date` is the day itself, whether or not it is one. */
interface Named {
  readonly label: number;
  readonly by: 'date' | 'open' | 'close' | 'inside';
}

/**
 * Session label (ms UTC, 00:00Z of the session date) of the stamp of a daily or weekly bar; NaN where it names none
 * (`stampFault` says why). The one reading of such stamps, for bars of requests, schedules and files. In this order:
 * 1. 00:00 as written, with any offset or none: that date.
 * 2. in `timezone`, else in the exchange's zone: midnight; the open of a session; its close, where it closes early the
 *    usual one too. A wall time without an offset is of that zone. Where an instant is both open and close, the open,
 *    with `label: 'end'` the close.
 * 3. with `inside`: the session that contains the instant. A date is taken as it is: whether it is a session is another
 *    question. Of a weekly bar the label is the first session of the ISO week: the stamp names that session or the
 *    Monday, or is the close of the last session of the week.
 *
 * `stamp` is the moment as written (`parseMoment`). An epoch number or a columnar timestamp with a zone is `{ wall: ms,
 * offset: 0 }` (vendors write midnight UTC for the date), a columnar timestamp without a zone `{ wall: ms, offset: null
 * }`. Microseconds may be fractions of `wall`. Source: data.md 14, V5.
 */
export function sessionLabel(
  stamp: WrittenMoment,
  calendar: Calendar,
  interval: '1d' | '1w',
  rules: StampRules = {},
): number {
  const named = nameSession(stamp, calendar, rules);
  if (named === undefined) return Number.NaN;
  if (interval === '1d') return named.label;
  return named.by === 'close' && endsWeek(calendar, named.label)
    ? weekOf(calendar, named.label)
    : weekLabel(calendar, named.label);
}

/** Why `sessionLabel` is NaN, in one sentence with the value and the nearest session. */
export function stampFault(
  stamp: WrittenMoment,
  calendar: Calendar,
  interval: '1d' | '1w',
  rules: StampRules = {},
): string {
  const value = writtenText(stamp);
  const named = nameSession(stamp, calendar, rules);
  if (named !== undefined && interval === '1w') {
    return (
      `${value} is within the week of ` +
      `${dateText(weekOf(calendar, named.label))}; a weekly bar is stamped with its Monday or first session, or with ` +
      `the close of its last`
    );
  }
  const nearest = nearestSession(calendar, instantsOf(stamp, rules.timezone ?? calendar.timezone)[0] ?? stamp.wall);
  const asked = rules.inside
    ? 'is neither a date nor in a session'
    : 'is neither midnight nor the open or close of a session';
  return (
    `${value} ${asked} of ` +
    `${calendar.exchange}${
      nearest === undefined
        ? ''
        : `; the nearest is ` + `${nearest.date}, ${instantText(nearest.open)} to ${instantText(nearest.close)}`
    }`
  );
}

/**
 * A moment as text: a date where it is midnight without an offset, else with its time of day and the offset it was
 * written with.
 */
export function writtenText({ wall, offset }: WrittenMoment): string {
  if (offset === null && wall % DAY_MS === 0) return dateText(wall);
  const text = new Date(wall).toISOString().replace(/(\.000)?Z$/, '');
  if (offset === null) return text;
  if (offset === 0) return `${text}Z`;
  const minutes = Math.abs(offset) / 60_000;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${text}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

function nameSession(stamp: WrittenMoment, calendar: Calendar, rules: StampRules): Named | undefined {
  if (stamp.wall % DAY_MS === 0) return { label: stamp.wall, by: 'date' };
  const zone = rules.timezone ?? calendar.timezone;
  const instants = instantsOf(stamp, zone);
  for (const instant of instants) {
    const local = instant + offsetAt(zone, instant);
    if (local % DAY_MS === 0) return { label: local, by: 'date' };
  }
  for (const by of rules.label === 'end' ? (['close', 'open'] as const) : (['open', 'close'] as const)) {
    const matches = by === 'open' ? opensAt : closesAt;
    for (const instant of instants) {
      const label = daysAround(instant).find((day) => matches(calendar, day, instant));
      if (label !== undefined) return { label, by };
    }
  }
  const session = rules.inside ? calendar.sessionAt(stamp.wall - (stamp.offset ?? 0)) : undefined;
  return session && { label: session.label, by: 'inside' };
}

/** None in a gap of the zone's clocks, two where they are set back. */
function instantsOf({ wall, offset }: WrittenMoment, zone: string): number[] {
  return offset === null ? instantsOfLocal(zone, wall) : [wall - offset];
}

/** A session may open on the day before its date and close on the day after it, in UTC. */
function daysAround(instant: number): number[] {
  const day = Math.floor(instant / DAY_MS) * DAY_MS;
  return [day, day + DAY_MS, day - DAY_MS];
}

function opensAt(calendar: Calendar, day: number, instant: number): boolean {
  const session = calendar.sessionByLabel(day);
  return session ? session.open === instant : calendar.lenient && calendar.regularOpen(day) === instant;
}

function closesAt(calendar: Calendar, day: number, instant: number): boolean {
  const session = calendar.sessionByLabel(day);
  if (session?.close === instant) return true;
  return (
    (session?.early === true || (session === undefined && calendar.lenient)) && calendar.regularClose(day) === instant
  );
}

function nearestSession(calendar: Calendar, instant: number): Session | undefined {
  const distance = ({ open, close }: Session): number => Math.max(open - instant, instant - close, 0);
  const around = calendar.sessions(dateText(instant - 10 * DAY_MS), dateText(instant + 10 * DAY_MS));
  return around.reduce<Session | undefined>(
    (best, session) => (best === undefined || distance(session) < distance(best) ? session : best),
    undefined,
  );
}

function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function instantText(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
