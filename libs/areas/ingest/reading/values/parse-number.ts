/** Why a text is no number (data.md 14, V4). */
export type NumberFault = 'bad_number' | 'not_finite';

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?$/;
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i;
const GROUPED = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/;

/** A finite number from its text, −0 as 0, or the fault. Blanks and tabs around it do not count. `thousands` `,` accepts `1,234.5`. */
export function parseNumber(text: string, thousands: string | null = null, decimal = '.'): number | NumberFault {
  let trimmed = text.charCodeAt(0) <= 32 || text.charCodeAt(text.length - 1) <= 32 ? text.replace(/^[ \t]+|[ \t]+$/g, '') : text;
  if (NUMBER.test(trimmed) && decimal === '.') return finite(Number(trimmed));
  if (NOT_FINITE.test(trimmed)) return 'not_finite';
  if (thousands === ',' && GROUPED.test(trimmed)) trimmed = trimmed.replaceAll(',', '');
  else if (thousands !== null && thousands !== ',') trimmed = trimmed.replaceAll(thousands, '');
  if (decimal !== '.') trimmed = trimmed.includes('.') ? '' : trimmed.replace(decimal, '.');
  if (!NUMBER.test(trimmed)) return 'bad_number';
  return finite(Number(trimmed));
}

function finite(value: number): number | NumberFault {
  if (!Number.isFinite(value)) return 'not_finite';
  return value === 0 ? 0 : value;
}
