/** Exchanges whose instruments trade in fractions, and the lot that stands where nobody names one. */
const FRACTIONAL_LOTS: Readonly<Record<string, number>> = { BINANCE: 1e-8, COINBASE: 1e-8 };
const WHOLE = 1;

/**
 * The lot of a symbol, in its own units: that of its instrument, else a recipe's `lot_size` other than 1, else the one
 * of its exchange, else 1. A recipe always has a `lot_size`, 1 by default, so 1 there names nothing; whole coins are
 * asked for by `instruments`.
 */
export function lotSize(vtSymbol: string, instrument: number | undefined, recipe: number): number {
  if (instrument !== undefined) return instrument;
  if (recipe !== WHOLE) return recipe;
  return FRACTIONAL_LOTS[vtSymbol.slice(vtSymbol.lastIndexOf('.') + 1)] ?? WHOLE;
}
