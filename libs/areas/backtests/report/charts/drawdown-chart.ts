import type { Markup } from '../markup.ts';
import { PALETTE } from '../palette.ts';
import { pixelExtremes } from '../pixel-extremes.ts';
import type { EquityColumns } from '../tear-sheet-input.ts';
import { PLOT, line, percentLabels, timeAxis, valueAxis } from './axes.ts';
import { svgChart, type ChartSize, type ChartText } from './svg-chart.ts';

/** The distance below the running peak, hanging from zero. */
export function drawdownChart(text: ChartText, size: ChartSize, { ts, drawdown }: EquityColumns): Markup {
  const points = pixelExtremes(ts, drawdown, size.width - PLOT.left - PLOT.right).map(
    (row) => [ts[row]!, drawdown[row]!] as const,
  );
  const deepest = points.reduce((least, [, value]) => Math.min(least, value), 0);
  return svgChart(text, size, {
    grid: PLOT,
    xAxis: timeAxis(ts[0]!, ts[ts.length - 1]!, size),
    yAxis: valueAxis({
      format: percentLabels(-deepest),
      max: 0,
      min: deepest < 0 ? undefined : -0.01,
      splitNumber: deepest < 0 ? 4 : 1,
    }),
    series: [{ ...line(points, PALETTE.loss, 1), areaStyle: { color: PALETTE.loss, opacity: 0.16, origin: 'end' } }],
  });
}
