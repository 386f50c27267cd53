import type { Markup } from '../markup.ts';
import { percent } from '../number-format.ts';
import { PALETTE } from '../palette.ts';
import { pixelExtremes } from '../pixel-extremes.ts';
import type { EquityColumns } from '../tear-sheet-input.ts';
import { PLOT, line, timeAxis, valueAxis } from './axes.ts';
import { svgChart, type ChartSize, type ChartText } from './svg-chart.ts';

/** Net market value as a share of equity at each row; NaN without equity. */
export function netExposure({ equity, net }: EquityColumns): Float64Array {
  return net.map((value, row) => (equity[row]! > 0 ? value / equity[row]! : NaN));
}

export function exposureChart(text: ChartText, size: ChartSize, columns: EquityColumns): Markup {
  const share = netExposure(columns);
  const { ts } = columns;
  const points = pixelExtremes(ts, share, size.width - PLOT.left - PLOT.right).map(
    (row) => [ts[row]!, share[row]!] as const,
  );
  const top = points.reduce((most, [, value]) => Math.max(most, value), 0);
  const bottom = points.reduce((least, [, value]) => Math.min(least, value), 0);
  return svgChart(text, size, {
    grid: PLOT,
    xAxis: timeAxis(ts[0]!, ts[ts.length - 1]!, size),
    yAxis: valueAxis({
      format: (value) => percent(value, 0),
      min: bottom < 0 ? undefined : 0,
      max: top > 0 && top <= 1.02 ? 1 : top > 0 ? undefined : bottom < 0 ? 0 : 1,
      splitNumber: 2,
    }),
    series: [
      {
        ...line(points, PALETTE.accent, 0.5),
        step: 'end',
        areaStyle: { color: PALETTE.accent, opacity: 0.22, origin: 0 },
      },
    ],
  });
}
