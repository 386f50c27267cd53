import { IANAZone } from 'luxon';
import { DAY_MS } from './civil-dates.ts';

/** UTC offsets of one zone over one year: `offsets[i]` (ms) holds from `starts[i]` (ms UTC) on. */
interface OffsetTable {
  readonly starts: readonly number[];
  readonly offsets: readonly number[];
}

const SAMPLE = 15 * DAY_MS;
const tables = new Map<string, OffsetTable>();

// Asking the zone database costs microseconds per instant; a year has two changes, so they are searched once and kept.
function offsetTable(zone: string, year: number): OffsetTable {
  const key = `${zone} ${year}`;
  const known = tables.get(key);
  if (known) return known;
  const iana = IANAZone.create(zone);
  if (!iana.isValid) throw new RangeError(`unknown time zone ${zone}`);
  const offsetAt = (instant: number): number => iana.offset(instant) * 60_000;
  const from = Date.UTC(year, 0, 1) - 2 * DAY_MS;
  const end = Date.UTC(year + 1, 0, 1) + 2 * DAY_MS;
  const starts = [from];
  const offsets = [offsetAt(from)];
  for (let low = from; low < end;) {
    const high = Math.min(low + SAMPLE, end);
    const before = offsets[offsets.length - 1]!;
    if (offsetAt(high) !== before) {
      let a = low;
      let b = high;
      while (b - a > 1_000) {
        const middle = a + Math.floor((b - a) / 2_000) * 1_000;
        if (offsetAt(middle) === before) a = middle;
        else b = middle;
      }
      starts.push(b);
      offsets.push(offsetAt(b));
    }
    low = high;
  }
  const table = { starts, offsets };
  tables.set(key, table);
  return table;
}

/**
 * Instant (ms UTC) of a local wall time given as if it were UTC. `year` is any year within two days of it.
 * In an overlap the earlier instant, in a gap the wall time moved on by the gap.
 */
export function localToInstant(zone: string, year: number, wall: number): number {
  const { starts, offsets } = offsetTable(zone, year);
  for (let i = 0; i < starts.length; i++) {
    const instant = wall - offsets[i]!;
    if (i + 1 === starts.length || instant < starts[i + 1]!) return instant;
  }
  return wall;
}

/**
 * Every instant (ms UTC) at which the clocks of a zone show a local wall time: none inside a gap, two inside an overlap
 * (the earlier first). Throws RangeError for an unknown zone.
 */
export function instantsOfLocal(zone: string, wall: number): number[] {
  const { starts, offsets } = offsetTable(zone, new Date(wall).getUTCFullYear());
  const found: number[] = [];
  for (let i = 0; i < starts.length; i++) {
    const instant = wall - offsets[i]!;
    if ((i === 0 || instant >= starts[i]!) && (i + 1 === starts.length || instant < starts[i + 1]!))
      found.push(instant);
  }
  return found;
}

/** Milliseconds to add to an instant to read the zone's wall clock as if it were UTC. */
export function offsetAt(zone: string, instant: number): number {
  const { starts, offsets } = offsetTable(zone, new Date(instant).getUTCFullYear());
  let i = starts.length - 1;
  while (i > 0 && starts[i]! > instant) i--;
  return offsets[i]!;
}

/** Names of three letters that are zones with their own summer time, or UTC. */
const PLACES_OF_THREE_LETTERS: ReadonlySet<string> = new Set([
  'UTC',
  'GMT',
  'UCT',
  'CET',
  'EET',
  'MET',
  'WET',
  'PRC',
  'ROC',
  'ROK',
]);
const MEANT: Readonly<Record<string, string>> = {
  EST: 'America/New_York',
  EDT: 'America/New_York',
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  MST: 'America/Denver',
  MDT: 'America/Denver',
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  HST: 'Pacific/Honolulu',
  BST: 'Europe/London',
  IST: 'Asia/Kolkata',
  JST: 'Asia/Tokyo',
};

/**
 * Why a name does not do as the zone of wall times, in words for the caller; null where it does. An abbreviation such
 * as EST is one offset the year round, or means several zones.
 */
export function zoneFault(name: string): string | null {
  const abbreviation = /^[A-Z]{3}$/.test(name) && !PLACES_OF_THREE_LETTERS.has(name);
  if (abbreviation)
    return (
      `${name} is an abbreviation and has no summer time of its own; name a place, such as ` +
      `${MEANT[name] ?? 'America/New_York'}`
    );
  return isZone(name) ? null : 'must be an IANA time zone, such as America/New_York';
}

/** True for an IANA zone name that the zone database knows. */
export function isZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}
