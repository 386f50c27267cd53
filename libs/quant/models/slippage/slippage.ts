import { decimal } from '../../decimal/index.ts';

/** What an impact model may know: everything from before the bar, and the bar's volume (NaN = unknown). */
export interface SlippageInput {
  quantity: number;
  volume: number;
  /**
   * Standard deviation (ddof 1) of the last 20 close returns and mean volume of the last 20 bars, both before this bar;
   * NaN when unknown.
   */
  sigma(): number;
  averageVolume(): number;
}

/** The adverse fraction of the price that a fill costs. */
export interface SlippageModel {
  /** The fraction is the same for every quantity. */
  readonly constant: boolean;
  fraction(input: SlippageInput): decimal.Exact;
}

export const ZERO: decimal.Exact = { n: 0, scale: 0 };

/** A computed fraction enters as its shortest decimal; an unknown one costs nothing. */
export function fractionOf(value: number): decimal.Exact {
  return Number.isFinite(value) ? decimal.exact(value) : ZERO;
}
