import { DomainError } from '#kernel';
import { DAY_MS, type Calendar, type Session } from '../calendars/index.ts';
import { type BarTable, NUMBER_COLUMNS, pickRows } from './bar-table.ts';
import { type AnyInterval, intradayMs, periodOf, periodSessions } from './intervals.ts';

export type Anchor = 'session' | 'clock';
export type SessionFilter = 'regular' | 'extended' | 'all';

/** True when `to` is made of whole bars of `from` (data.md 8.3). */
export function isMultiple(from: AnyInterval, to: AnyInterval): boolean {
  if (from === to) return true;
  const fine = intradayMs(from);
  const coarse = intradayMs(to);
  if (fine === undefined) return from === '1d' && (to === '1w' || to === '1mo');
  return coarse === undefined ? to !== 'tick' : coarse % fine === 0 && coarse > fine;
}

/** Intraday bars that lie in the asked sessions; a lenient calendar calls none off session. */
export function inSessions(table: BarTable, calendar: Calendar, filter: SessionFilter): BarTable {
  if (filter === 'all' || calendar.lenient) return table;
  const rows: number[] = [];
  for (let row = 0; row < table.time.length; row++) {
    const time = table.time[row]!;
    if (
      calendar.sessionAt(time) ||
      (filter === 'extended' && inExtended(calendar, table.sessionDay[row]! * DAY_MS, time))
    )
      rows.push(row);
  }
  return rows.length === table.time.length ? table : pickRows(table, rows);
}

function inExtended(calendar: Calendar, label: number, time: number): boolean {
  const session = calendar.sessionByLabel(label);
  if (!session) return false;
  const window = calendar.extended(session);
  return window.open <= time && time < window.close;
}

interface Bucket {
  readonly label: number;
  readonly partial: boolean;
}

/**
 * Bars of a coarser interval: open first, high max, low min, close last, volume and trade count summed, vwap
 * volume-weighted; null where any bar of the bucket has null. Empty buckets do not exist. `partial` marks a bucket cut
 * by its session's end or not over at `now`. Throws 422 `bad_resample`. Source: data.md 8.3 and 14, B4.
 */
export function resample(
  table: BarTable,
  from: AnyInterval,
  to: AnyInterval,
  calendar: Calendar,
  anchor: Anchor,
  now: number,
): BarTable {
  if (!isMultiple(from, to))
    throw new DomainError(422, 'bad_resample', { detail: `Bars of ${to} cannot be made of whole bars of ${from}.` });
  if (from === to) return table;
  const bucketOf = bucketing(to, calendar, anchor, now);
  const out = Object.fromEntries(
    NUMBER_COLUMNS.map((name) => [name, new Float64Array(table.time.length)]),
  ) as unknown as BarTable;
  const partial = new Uint8Array(table.time.length);
  let n = -1;
  let weighted = 0;
  for (let row = 0; row < table.time.length; row++) {
    const bucket = bucketOf(table.time[row]!, table.sessionDay[row]! * DAY_MS);
    const volume = table.volume[row]!;
    if (n < 0 || out.time[n] !== bucket.label) {
      n++;
      for (const name of NUMBER_COLUMNS) out[name][n] = table[name][row]!;
      out.time[n] = bucket.label;
      partial[n] = bucket.partial ? 1 : 0;
      weighted = table.vwap[row]! * volume;
    } else {
      out.high[n] = Math.max(out.high[n]!, table.high[row]!);
      out.low[n] = Math.min(out.low[n]!, table.low[row]!);
      out.close[n] = table.close[row]!;
      out.volume[n] = out.volume[n]! + volume;
      out.tradeCount[n] = out.tradeCount[n]! + table.tradeCount[row]!;
      weighted += table.vwap[row]! * volume;
      out.vwap[n] = out.volume[n]! > 0 ? weighted / out.volume[n]! : Number.NaN;
    }
  }
  const columns = Object.fromEntries(
    NUMBER_COLUMNS.map((name) => [name, out[name].slice(0, n + 1)]),
  ) as unknown as BarTable;
  return { ...columns, partial: partial.slice(0, n + 1) };
}

function bucketing(
  to: AnyInterval,
  calendar: Calendar,
  anchor: Anchor,
  now: number,
): (time: number, sessionLabel: number) => Bucket {
  const length = intradayMs(to);
  if (length !== undefined) {
    return (time, sessionLabel) => {
      const session =
        anchor === 'session' ? (calendar.sessionAt(time) ?? extendedSession(calendar, sessionLabel, time)) : undefined;
      const label = session
        ? session.open + Math.floor((time - session.open) / length) * length
        : Math.floor(time / length) * length;
      const end = label + length;
      return { label, partial: end > now || (session !== undefined && time < session.close && end > session.close) };
    };
  }
  if (to === '1d')
    return (_, label) => ({ label, partial: (calendar.sessionByLabel(label)?.close ?? label + DAY_MS) > now });
  const period = to === '1w' ? '1w' : '1mo';
  const known = new Map<string, Bucket>();
  return (_, label) => {
    const { from, to: last } = periodOf(period, label);
    let bucket = known.get(from);
    if (!bucket) {
      const sessions = periodSessions(calendar, period, label);
      const close = sessions[sessions.length - 1]?.close ?? Date.parse(`${last}T00:00:00Z`) + DAY_MS;
      known.set(from, (bucket = { label: sessions[0]?.label ?? label, partial: close > now }));
    }
    return bucket;
  };
}

function extendedSession(calendar: Calendar, label: number, time: number): Session | undefined {
  return inExtended(calendar, label, time) ? calendar.sessionByLabel(label) : undefined;
}
