import { inlineBarsToSeries } from '../bars/index.ts';
import { runBacktest } from '../engine/index.ts';
import { WilderRsi } from '../indicators/index.ts';
import { normaliseRecipe } from '../recipe/index.ts';
import { SESSIONS, dailyBars, recipe } from '../testing/builders.ts';
import { METRIC_KEYS } from './metrics.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { dsr, expectedMaximumSharpe, psr } from './sharpe-significance.ts';
import { deviation, quantile } from './statistics.ts';

describe('scenario K: psr, dsr and RSI', () => {
  const sharpe = 2.5 / Math.sqrt(250);
  const of = { sharpe, n: 1250, skew: -3, kurtosis: 10 };

  it('deflates a Sharpe ratio by the number of trials', () => {
    expect(expectedMaximumSharpe(0.5 / 250, 100)).toBeCloseTo(0.1131720019, 10);
    expect(dsr({ ...of, variance: 0.5 / 250, trials: 100 })).toBeCloseTo(0.9003968344, 10);
    expect(psr(of)).toBeCloseTo(0.9999968595, 10);
  });

  it('has no probability without a variance or with one return', () => {
    expect(psr({ sharpe: 1, n: 1, skew: 0, kurtosis: 3 })).toBeNull();
    expect(psr({ sharpe: 1, n: 10, skew: 5, kurtosis: 1 })).toBeNull();
  });

  it('follows Wilder', () => {
    const wilderRsi = (series: number[], period = 14): number[] => {
      const rsi = new WilderRsi(period);
      return series.map((close) => rsi.next(close));
    };
    const closes = [
      44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.1, 45.42, 45.84, 46.08, 45.89, 46.03, 45.61, 46.28, 46.28, 46,
    ];
    const values = wilderRsi(closes);
    expect(Number.isNaN(values[13]!)).toBe(true);
    expect(values[14]).toBeCloseTo(70.46413502, 8);
    expect(values[15]).toBeCloseTo(66.24961855, 8);
    expect(wilderRsi([1, 2, 3, 4], 3)[3]).toBe(100);
    expect(wilderRsi([2, 2, 2, 2], 3)[3]).toBeNaN();
  });
});

describe('normal distribution and statistics', () => {
  it('inverts itself', () => {
    for (const p of [1e-12, 1e-4, 0.02, 0.3, 0.5, 0.77, 0.975, 1 - 1e-9])
      expect(Math.abs(normalCdf(normalQuantile(p)) / p - 1)).toBeLessThan(1e-12);
    expect(normalCdf(1.96)).toBeCloseTo(0.9750021048517795, 15);
    expect(normalCdf(-5)).toBeCloseTo(2.866515718791939e-7, 20);
  });

  it('interpolates quantiles and drops rounding noise', () => {
    expect(quantile([4, 1, 3, 2], 0.05)).toBeCloseTo(1.15, 12);
    expect(deviation([0.1, 0.1, 0.1])).toBe(0);
    expect(deviation([1])).toBeNull();
  });
});

it('gives every metric of a run that has wins, losses and a benchmark', () => {
  const closes = [100, 104, 108, 103, 101, 96, 99, 102, 97, 95];
  const bars = dailyBars(closes.map((close) => [close, close + 2, close - 2, close]));
  const targets = [0.9, 0, 0.9, 0].map((weight, i) => ({
    time: SESSIONS[[0, 1, 6, 8][i]!],
    vt_symbol: 'X.SIM',
    weight,
  }));
  const { recipe: normalised, specHash } = normaliseRecipe(
    recipe({ portfolio: { class: 'ScheduledTargets', kwargs: { targets } }, kwargs: { benchmark: 'X.SIM' } }),
  );
  const { series } = inlineBarsToSeries(bars, '1d');
  const { metrics } = runBacktest({ recipe: normalised, specHash, seed: 42, series, benchmark: series[0]! });
  expect(METRIC_KEYS.filter((key) => metrics[key] === null)).toEqual([]);
});
