import { rollingRisk } from './rolling-risk.ts';

/** The definition, term by term. */
function direct(returns: readonly number[], year: number, riskFree: number): { volatility: number; sharpe: number } {
  const mean = returns.reduce((a, b) => a + b, 0) / returns.length;
  const deviation = Math.sqrt(returns.reduce((a, b) => a + (b - mean) ** 2, 0) / (returns.length - 1));
  return { volatility: deviation * Math.sqrt(year), sharpe: ((mean - riskFree / year) / deviation) * Math.sqrt(year) };
}

describe('rollingRisk', () => {
  it('equals the definition in every window, and has no value before the first', () => {
    const returns = Float64Array.from({ length: 100 }, (_, i) => Math.sin(i * 12.9898) * 0.02 + 0.0003);
    const { volatility, sharpe } = rollingRisk(returns, 21, 252, 0.02);
    for (let end = 0; end < returns.length; end++) {
      const expected =
        end < 20 ? { volatility: NaN, sharpe: NaN } : direct([...returns.slice(end - 20, end + 1)], 252, 0.02);
      if (end < 20) expect([volatility[end], sharpe[end]]).toEqual([NaN, NaN]);
      else {
        expect(volatility[end]).toBeCloseTo(expected.volatility, 10);
        expect(sharpe[end]).toBeCloseTo(expected.sharpe, 8);
      }
    }
  });

  it('has no Sharpe ratio where returns do not vary, also after they did', () => {
    const returns = Float64Array.from({ length: 12 }, (_, i) => (i < 4 ? 0.01 * i : 0.001));
    const { volatility, sharpe } = rollingRisk(returns, 4, 252, 0);
    expect(sharpe[3]).toBeGreaterThan(0);
    expect([...sharpe.slice(7)]).toEqual([NaN, NaN, NaN, NaN, NaN]);
    expect([...volatility.slice(7)]).toEqual([0, 0, 0, 0, 0]);
  });

  it('skips windows that hold a return that does not exist and goes on behind them', () => {
    const { volatility } = rollingRisk(Float64Array.of(0.01, 0.02, NaN, 0.01, 0.03, 0.02), 2, 252, 0);
    expect([...volatility].map(Number.isNaN)).toEqual([true, false, true, true, false, false]);
  });
});
