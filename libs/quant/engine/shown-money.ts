/** A double as it is shown: 8 decimals. */
export function shown(value: number): number {
  return Number(value.toFixed(8));
}

/**
 * A double of money as plain decimal text: its shortest decimal, rounded to 8 decimals where it has more, trailing
 * zeros cut.
 */
export function moneyText(value: number): string {
  const shortest = String(value);
  const point = shortest.indexOf('.');
  if (!shortest.includes('e') && (point < 0 || shortest.length - point <= 9)) return shortest;
  const text = value.toFixed(8);
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end--;
  if (text.charCodeAt(end - 1) === 46) end--;
  const cut = text.slice(0, end);
  return cut === '-0' ? '0' : cut;
}
