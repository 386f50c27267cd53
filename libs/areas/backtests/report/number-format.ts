import type { Instant } from './tear-sheet-input.ts';

/** What an undefined value looks like everywhere on the page. */
export const DASH = '–';
const MINUS = '\u2212';
export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

type Value = number | null | undefined;

function known(value: Value): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

// One formatter per number of digits: constructing Intl.NumberFormat costs more than thousands of calls to it.
const formatters = new Map<string, Intl.NumberFormat>();

function fixed(value: number, digits: number, minimum = digits): string {
  const key = `${digits}/${minimum}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.NumberFormat('en-US', {
      minimumFractionDigits: minimum,
      maximumFractionDigits: digits,
      signDisplay: 'negative',
    });
    formatters.set(key, formatter);
  }
  return formatter.format(value).replace('-', MINUS);
}

/** 1234.5 -> 1,234.50 */
export function decimal(value: Value, digits = 2): string {
  return known(value) ? fixed(value, digits) : DASH;
}

/** Whole numbers as such, others with up to `digits` decimals. */
export function quantity(value: Value, digits = 8): string {
  return known(value) ? fixed(value, digits, 0) : DASH;
}

/** Prices keep at least two and at most eight decimals. */
export function price(value: Value): string {
  return known(value) ? fixed(value, Math.abs(value) >= 100 ? 2 : Math.abs(value) >= 1 ? 4 : 8, 2) : DASH;
}

/** 0.0512 -> 5.12% */
export function percent(value: Value, digits = 2): string {
  return known(value) ? `${fixed(value * 100, Math.abs(value) >= 100 ? 0 : digits)}%` : DASH;
}

/** As `percent`, with a plus sign for gains. */
export function signedPercent(value: Value, digits = 2): string {
  const text = percent(value, digits);
  return known(value) && value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** As `decimal`, with a plus sign for gains. */
export function signedDecimal(value: Value, digits = 2): string {
  const text = decimal(value, digits);
  return known(value) && value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** 1250000 -> 1.25M; for axes. */
export function compact(value: number, digits = 2): string {
  const size = Math.abs(value);
  const [divisor, suffix] =
    size >= 1e12
      ? [1e12, 'T']
      : size >= 1e9
        ? [1e9, 'B']
        : size >= 1e6
          ? [1e6, 'M']
          : size >= 1e3
            ? [1e3, 'k']
            : [1, ''];
  return fixed(value / divisor, digits, 0) + suffix;
}

/** Milliseconds UTC; null for anything that is no instant. */
export function toMillis(instant: Instant | null | undefined): number | null {
  if (instant === null || instant === undefined) return null;
  const millis = typeof instant === 'number' ? instant : Date.parse(instant);
  return Number.isNaN(new Date(millis).getTime()) ? null : millis;
}

/** 2020-04-17, in UTC. */
export function isoDate(instant: Instant | null | undefined): string {
  const millis = toMillis(instant);
  return millis === null ? DASH : new Date(millis).toISOString().replace(/T.*$/, '');
}

/** 2020-04-17 14:31, in UTC. */
export function isoMinute(instant: Instant | null | undefined): string {
  const millis = toMillis(instant);
  return millis === null
    ? DASH
    : new Date(millis)
        .toISOString()
        .replace('T', ' ')
        .replace(/:\d\d\.\d+Z$/, '');
}

/** 17 Apr 2020, in UTC. */
export function longDate(instant: Instant | null | undefined): string {
  const millis = toMillis(instant);
  if (millis === null) return DASH;
  const date = new Date(millis);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}
