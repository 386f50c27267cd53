import { isZone, offsetAt } from '#quant/calendars';

const MAX_MS = 8.64e15;

/** Ticks of a second of each unit of Arrow: seconds, milliseconds, microseconds, nanoseconds. */
const PER_SECOND = [1n, 1_000n, 1_000_000n, 1_000_000_000n];
const UNITS = ['s', 'ms', 'us', 'ns'];

/**
 * The wall clock of the column's own zone with its offset, as the date of a daily bar is the one written there; no
 * offset where the column names no zone. `unit`: 0 seconds to 3 nanoseconds. An instant that no calendar has is shown
 * as its number and unit, which no reader of times takes.
 */
export function timestampText(ticks: bigint, unit: number, zone: string | null): string {
  const perSecond = PER_SECOND[unit]!;
  const seconds = ticks / perSecond - (ticks % perSecond < 0n ? 1n : 0n);
  const ms = Number(seconds) * 1_000;
  if (Math.abs(ms) > MAX_MS - 86_400_000) return `${ticks} ${UNITS[unit]!}`;
  const minutes = zone === null ? 0 : offsetMinutes(zone, ms);
  const fraction = String(ticks - seconds * perSecond).padStart(String(perSecond).length - 1, '0');
  const clock =
    `${new Date(ms + minutes * 60_000).toISOString().slice(0, -5)}.` +
    `${unit === 0 ? '000' : fraction.padEnd(6, '0').replace(/^(\d{6})000$/, '$1')}`;
  if (zone === null) return clock;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${clock}${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** Arrow names zones by IANA or by a fixed offset. */
function offsetMinutes(zone: string, ms: number): number {
  const fixed = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3]));
  return isZone(zone) ? Math.round(offsetAt(zone, ms) / 60_000) : 0;
}

/** `09:30:00` with the fraction that it has. */
export function timeText(ticks: bigint, unit: number): string {
  const perSecond = PER_SECOND[unit]!;
  const seconds = Number(ticks / perSecond);
  if (ticks < 0n || seconds > 86_400) return `${ticks} ${UNITS[unit]!}`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const fraction = String(ticks % perSecond)
    .padStart(String(perSecond).length - 1, '0')
    .replace(/0+$/, '');
  return (
    `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}` +
    `${unit === 0 || fraction === '' ? '' : `.${fraction}`}`
  );
}

export function dateText(ms: number): string {
  return Math.abs(ms) > MAX_MS ? `${ms} ms` : new Date(ms).toISOString().slice(0, 10);
}
