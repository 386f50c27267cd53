/** NaN where the window is not full, holds an undefined return, or (for `sharpe`) does not vary. */
export interface RollingRisk {
  readonly volatility: Float64Array;
  readonly sharpe: Float64Array;
}

/** Below this a standard deviation counts as zero (trading.md 7.10). */
const FLAT = 1e-12;

/**
 * Annualised volatility and Sharpe ratio of the last `window` returns, ddof 1, with the formulas of trading.md 7.9.
 * Sums slide, so the cost does not depend on the window; each window-length block starts afresh, so no error builds up.
 */
export function rollingRisk(
  returns: Float64Array,
  window: number,
  periodsPerYear: number,
  riskFree: number,
): RollingRisk {
  const volatility = new Float64Array(returns.length).fill(NaN);
  const sharpe = new Float64Array(returns.length).fill(NaN);
  const root = Math.sqrt(periodsPerYear);
  let sum = 0;
  let squares = 0;
  for (let i = window - 1; i < returns.length && window > 1; i++) {
    if ((i + 1) % window === 0 || Number.isNaN(sum)) {
      sum = 0;
      squares = 0;
      for (let j = i - window + 1; j <= i; j++) {
        sum += returns[j]!;
        squares += returns[j]! * returns[j]!;
      }
    } else {
      const gone = returns[i - window]!;
      sum += returns[i]! - gone;
      squares += returns[i]! * returns[i]! - gone * gone;
    }
    const mean = sum / window;
    const deviation = Math.sqrt(Math.max(0, (squares - window * mean * mean) / (window - 1)));
    if (Number.isNaN(deviation)) continue;
    // Cancellation leaves about 1e-9 of a constant window, where the two-pass formula leaves nothing.
    const flat = deviation < FLAT || isConstant(returns, i - window + 1, i);
    volatility[i] = flat ? 0 : deviation * root;
    if (!flat) sharpe[i] = ((mean - riskFree / periodsPerYear) / deviation) * root;
  }
  return { volatility, sharpe };
}

function isConstant(values: Float64Array, from: number, to: number): boolean {
  for (let i = from + 1; i <= to; i++) if (values[i] !== values[from]) return false;
  return true;
}
