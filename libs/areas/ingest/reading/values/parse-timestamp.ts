import { instantsOfLocal } from '#quant/calendars';

export type TimestampFault = 'ts_unparseable' | 'tz_nonexistent' | 'tz_ambiguous';
export type EpochUnit = 's' | 'ms' | 'us' | 'ns';

/** A moment as written: wall clock in microseconds as if it were UTC, and its offset from UTC if it names one. */
export interface WrittenTime {
  readonly wall: number;
  /** Microseconds east of UTC; null when the text names none. */
  readonly offset: number | null;
  /** The text names no time of day. */
  readonly dateOnly: boolean;
}

const MICROS: Readonly<Record<EpochUnit, number>> = { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 };
const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;
const COMPACT_DATE = /^(\d{4})(\d{2})(\d{2})$/;
const INTEGER = /^[+-]?\d{1,19}$/;

/** Reads ISO 8601, `YYYYMMDD` and epoch numbers; null for anything else. Source: data.md 14, V4. */
export function parseWritten(text: string, epochUnit: EpochUnit | null): WrittenTime | null {
  const trimmed = text.replace(/^[ \t]+|[ \t]+$/g, '');
  const iso = DATE_TIME.exec(trimmed);
  if (iso) return fromParts(iso);
  if (epochUnit === null) {
    const compact = COMPACT_DATE.exec(trimmed);
    if (compact) return fromParts(compact);
  }
  return INTEGER.test(trimmed) ? fromEpoch(Number(trimmed), epochUnit) : null;
}

function fromParts(parts: RegExpExecArray): WrittenTime | null {
  const [, y, mo, d, h = '0', mi = '0', s = '0', fraction = '', zone] = parts;
  const ms = Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
  const date = new Date(ms);
  // Date.UTC carries 02-30 over into March; a date that does not come back does not exist.
  if (
    date.getUTCFullYear() !== Number(y) ||
    date.getUTCMonth() + 1 !== Number(mo) ||
    date.getUTCDate() !== Number(d) ||
    Number(h) > 23 ||
    Number(mi) > 59 ||
    Number(s) > 59
  )
    return null;
  return {
    wall: ms * 1_000 + Number(fraction.padEnd(6, '0').slice(0, 6)),
    offset: zone === undefined ? null : offsetMicros(zone),
    dateOnly: parts[4] === undefined,
  };
}

function offsetMicros(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return (zone.startsWith('-') ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60e6;
}

function fromEpoch(value: number, unit: EpochUnit | null): WrittenTime | null {
  const size = Math.abs(value);
  // Below this an integer is more likely an Excel serial date than a moment of 1973.
  if (unit === null && size < 1e8) return null;
  const chosen = unit ?? (size < 1e11 ? 's' : size < 1e14 ? 'ms' : size < 1e17 ? 'us' : 'ns');
  const micros = Math.floor(value * MICROS[chosen]);
  return Math.abs(micros) > 8.64e18 / 1e3 ? null : { wall: micros, offset: 0, dateOnly: false };
}

/**
 * Microseconds UTC of what was written, by its own offset or by the clocks of `zone`. `fold` 0 or 1 picks one of two in
 * an overlap.
 */
export function toInstant(written: WrittenTime, zone: string, fold: 0 | 1 | null): number | TimestampFault {
  if (written.offset !== null) return written.wall - written.offset;
  const wallMs = Math.floor(written.wall / 1_000);
  const instants = instantsOfLocal(zone, wallMs);
  const rest = written.wall - wallMs * 1_000;
  if (instants.length === 0) return 'tz_nonexistent';
  if (instants.length > 1 && fold === null) return 'tz_ambiguous';
  return instants[instants.length > 1 ? fold! : 0]! * 1_000 + rest;
}
