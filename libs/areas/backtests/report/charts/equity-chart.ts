import { compact } from '../number-format.ts';
import { PALETTE } from '../palette.ts';
import { extent, pixelExtremes } from '../pixel-extremes.ts';
import type { BenchmarkColumns, EquityColumns } from '../tear-sheet-input.ts';
import { PLOT, line, moneyLabels, timeAxis, valueAxis } from './axes.ts';
import { svgChart, type ChartSize, type ChartText } from './svg-chart.ts';
import type { Markup } from '../markup.ts';

/** Beyond this ratio of highest to lowest value equal percentage moves should look equal. */
const LOG_FROM = 5;

export type EquityScale = 'linear' | 'log';

/** Log when the values span more than five times their lowest, and none of them is zero or below. */
export function equityScale(equity: EquityColumns, benchmark: BenchmarkColumns | null): EquityScale {
  const [low, high] = extent([equity.equity, ...(benchmark ? [benchmark.value] : [])]);
  return low > 0 && high / low > LOG_FROM ? 'log' : 'linear';
}

export function equityChart(
  text: ChartText,
  size: ChartSize,
  equity: EquityColumns,
  benchmark: BenchmarkColumns | null,
): Markup {
  const [low, high] = extent([equity.equity, ...(benchmark ? [benchmark.value] : [])]);
  const columns = size.width - PLOT.left - PLOT.right;
  const series = [line(points(equity.ts, equity.equity, columns), PALETTE.accent, 1.7)];
  if (benchmark) series.unshift(line(points(benchmark.ts, benchmark.value, columns), PALETTE.reference, 1.3));
  const yAxis =
    equityScale(equity, benchmark) === 'log'
      ? valueAxis({
          format: (value) => compact(value),
          type: 'log',
          min: low * 0.96,
          max: high * 1.04,
          ticks: logTicks(low, high),
        })
      : valueAxis({ format: moneyLabels(low, high) });
  return svgChart(text, size, {
    grid: PLOT,
    xAxis: timeAxis(equity.ts[0]!, equity.ts[equity.ts.length - 1]!, size),
    yAxis,
    series,
  });
}

function points(ts: Float64Array, value: Float64Array, columns: number): [number, number][] {
  return pixelExtremes(ts, value, columns).map((row) => [ts[row]!, value[row]!]);
}

/** 1, 2 and 5 times powers of ten within the range; only the powers when it spans more than three of them. */
function logTicks(low: number, high: number): number[] {
  const factors = high / low > 1000 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    for (const factor of factors) if (factor * power >= low && factor * power <= high) ticks.push(factor * power);
  }
  return ticks;
}
