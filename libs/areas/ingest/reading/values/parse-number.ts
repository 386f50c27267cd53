/** Why a text is no number (data.md 14, V4). */
export type NumberFault = 'bad_number' | 'not_finite';

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?$/;
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i;

/**
 * A finite number from its text, −0 as 0, or the fault. Blanks and tabs around it do not count. `thousands` `,` accepts
 * `1,234.5`, with groups of three digits only.
 */
export function parseNumber(text: string, thousands: string | null = null, decimal = '.'): number | NumberFault {
  let trimmed =
    text.charCodeAt(0) <= 32 || text.charCodeAt(text.length - 1) <= 32 ? text.replace(/^[ \t]+|[ \t]+$/g, '') : text;
  if (NUMBER.test(trimmed) && decimal === '.') return finite(Number(trimmed));
  if (NOT_FINITE.test(trimmed)) return 'not_finite';
  if (thousands !== null) trimmed = ungrouped(trimmed, thousands, decimal);
  if (decimal !== '.') trimmed = trimmed.includes('.') ? '' : trimmed.replace(decimal, '.');
  if (!NUMBER.test(trimmed)) return 'bad_number';
  return finite(Number(trimmed));
}

/** Without its separators; empty when they do not part groups of three, so that 12.34 never becomes 1234. */
function ungrouped(text: string, thousands: string, decimal: string): string {
  const point = text.indexOf(decimal);
  const [first = '', ...groups] = (point < 0 ? text : text.slice(0, point)).split(thousands);
  if (groups.length === 0) return text;
  const grouped = /^[+-]?\d{1,3}$/.test(first) && groups.every((group) => /^\d{3}$/.test(group));
  return grouped ? [first, ...groups].join('') + (point < 0 ? '' : text.slice(point)) : '';
}

function finite(value: number): number | NumberFault {
  if (!Number.isFinite(value)) return 'not_finite';
  return value === 0 ? 0 : value;
}
