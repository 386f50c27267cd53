const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** Hours to 23 as in RFC 3339; seconds and offset may be left out. */
const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ]([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})?$/;
const HAS_OFFSET = /([Zz]|[+-]\d{2}:?\d{2})$/;

/** 00:00Z of a calendar date `YYYY-MM-DD`; NaN when there is no such day. */
export function parseDate(text: string): number {
  return DATE.test(text) && isDayOfMonth(text) ? Date.parse(text) : Number.NaN;
}

/** Milliseconds UTC of an RFC 3339 instant; without an offset it is UTC. NaN when it is none. */
export function parseInstant(text: string): number {
  if (!INSTANT.test(text) || !isDayOfMonth(text)) return Number.NaN;
  return Date.parse(HAS_OFFSET.test(text.slice(10)) ? text : `${text}Z`);
}

/** A moment as it was written, before any zone is applied. */
export interface WrittenMoment {
  /** Wall clock in milliseconds as if it were UTC; of a date its midnight. */
  readonly wall: number;
  /** Milliseconds east of UTC; null when the text names no offset. */
  readonly offset: number | null;
}

/** A date `YYYY-MM-DD` or an RFC 3339 instant as written; null when the text is neither. */
export function parseMoment(text: string): WrittenMoment | null {
  const date = parseDate(text);
  if (!Number.isNaN(date)) return { wall: date, offset: null };
  const instant = parseInstant(text);
  if (Number.isNaN(instant)) return null;
  const zone = HAS_OFFSET.exec(text.slice(10))?.[0];
  if (zone === undefined) return { wall: instant, offset: null };
  const offset = offsetOf(zone);
  return { wall: instant + offset, offset };
}

function offsetOf(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}

/** Date.parse rolls 2026-02-30 over into March. */
function isDayOfMonth(text: string): boolean {
  const year = Number(text.slice(0, 4)),
    month = Number(text.slice(5, 7)),
    day = Number(text.slice(8, 10));
  return day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
