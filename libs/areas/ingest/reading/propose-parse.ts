import type { BarRuleOptions } from './bar-rule-options.ts';
import { compileDateFormat } from './values/date-format.ts';
import { parseNumber } from './values/parse-number.ts';
import { parseWritten } from './values/parse-timestamp.ts';

/** How numbers are written. */
export interface NumberStyle {
  readonly decimal: '.' | ',';
  readonly thousands?: string;
}

/** Share of the values that a proposal has to read: files end in footers and have gaps. */
const ENOUGH = 0.95;
const DATES = [
  '%Y.%m.%d',
  '%Y/%m/%d',
  '%Y%m%d',
  '%d.%m.%Y',
  '%d.%m.%y',
  '%d/%m/%Y',
  '%m/%d/%Y',
  '%d/%m/%y',
  '%m/%d/%y',
  '%d-%m-%Y',
  '%m-%d-%Y',
  '%d-%m-%y',
  '%m-%d-%y',
  '%b %d, %Y',
  '%B %d, %Y',
  '%d %b %Y',
  '%d %B %Y',
  '%d-%b-%Y',
  '%d-%b-%y',
];
const CLOCKS = [
  '',
  ' %H:%M',
  ' %H:%M:%S',
  ' %H:%M:%S.%f',
  ' %I:%M %p',
  ' %I:%M:%S %p',
  ' %H%M%S',
  ' %H%M',
  ', %H:%M:%S',
];
const STYLES: readonly NumberStyle[] = [
  { decimal: '.' },
  { decimal: '.', thousands: ',' },
  { decimal: ',' },
  { decimal: ',', thousands: '.' },
  { decimal: '.', thousands: ' ' },
  { decimal: ',', thousands: ' ' },
  { decimal: '.', thousands: "'" },
];

/**
 * The strptime format that reads moments which nothing else reads; null where they are read already, where none does,
 * and where two do that mean different days (`02/01/2024` alone).
 */
export function proposeDateFormat(
  texts: readonly string[],
  { dateFormat, epochUnit, nullTokens }: BarRuleOptions,
): string | null {
  const values = known(texts, nullTokens);
  if (dateFormat !== null || epochUnit !== null || values.length === 0) return null;
  if (reads(values, (text) => parseWritten(text, null)) > 0) return null;
  const fits = DATES.flatMap((date) => CLOCKS.map((clock) => date + clock))
    .map((format) => ({ format, parse: compileDateFormat(format) }))
    // Most formats read none of the first values; only the others are tried on all of them.
    .filter(({ parse }) => reads(values.slice(0, 20), parse) > 0)
    .filter(({ parse }) => reads(values, parse) >= ENOUGH * values.length);
  const [first, ...others] = fits;
  const differs = others.some(({ parse }) => values.some((text) => parse(text)?.wall !== first!.parse(text)?.wall));
  return first === undefined || differs ? null : first.format;
}

/**
 * How the numbers are written where a point as decimal reads too few of them; null where it reads them, and where no
 * other style does, or two that mean different ones.
 */
export function proposeNumberStyle(
  texts: readonly string[],
  { decimal, thousands, nullTokens }: BarRuleOptions,
): NumberStyle | null {
  const values = known(texts, nullTokens);
  if (decimal !== '.' || thousands !== null || values.length === 0) return null;
  const read = (text: string, style: NumberStyle): number | null => {
    const value = parseNumber(text, style.thousands ?? null, style.decimal);
    return typeof value === 'number' ? value : null;
  };
  const fits = STYLES.filter((style) => reads(values, (text) => read(text, style)) >= ENOUGH * values.length);
  const [first, ...others] = fits;
  const differs = others.some((style) => values.some((text) => read(text, style) !== read(text, first!)));
  return first === undefined || first === STYLES[0] || differs ? null : first;
}

function known(texts: readonly string[], nullTokens: readonly string[]): string[] {
  const nulls = new Set(nullTokens.map((token) => token.trim()));
  return texts.map((text) => text.trim()).filter((text) => !nulls.has(text));
}

function reads(values: readonly string[], parse: (text: string) => unknown): number {
  return values.filter((text) => parse(text) !== null).length;
}
