/** A time of day: microseconds since midnight, and its offset from UTC in microseconds if it names one. */
export interface TimeOfDay {
  readonly micros: number;
  readonly offset: number | null;
}

const CLOCK =
  /^(?:\d{4}-\d{2}-\d{2}[T ])?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s?(AM|PM)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
/** As vendors write it in one number: `930`, `0930`, `93000`, `093000`, and `0` for midnight. */
const DIGITS = /^(?:0|(\d{1,2})(\d{2})(\d{2})|(\d{1,2})(\d{2}))$/;

/** Reads `09:30`, `9:30:00.5 PM`, `09:30-05:00`, `093000`, `930`; null for anything else. */
export function parseTimeOfDay(text: string): TimeOfDay | null {
  const trimmed = text.trim();
  const clock = CLOCK.exec(trimmed);
  if (clock) {
    const [, h, m, s = '0', fraction = '', half, zone] = clock;
    const hour = half === undefined ? Number(h) : (Number(h) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
    if (half !== undefined && (Number(h) < 1 || Number(h) > 12)) return null;
    return timeOf(
      hour,
      Number(m),
      Number(s),
      Number(fraction.padEnd(6, '0').slice(0, 6)),
      zone === undefined ? null : offsetMicros(zone),
    );
  }
  const digits = DIGITS.exec(trimmed.replace(/\.0+$/, ''));
  if (!digits) return null;
  const [, h6, m6, s6, h4, m4] = digits;
  return timeOf(Number(h6 ?? h4 ?? 0), Number(m6 ?? m4 ?? 0), Number(s6 ?? 0), 0, null);
}

function timeOf(hour: number, minute: number, second: number, micros: number, offset: number | null): TimeOfDay | null {
  if (hour > 23 || minute > 59 || second > 59) return null;
  return { micros: ((hour * 60 + minute) * 60 + second) * 1e6 + micros, offset };
}

function offsetMicros(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return (zone.startsWith('-') ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60e6;
}
