import type { Markup } from '../markup.ts';
import { PALETTE } from '../palette.ts';
import { extent, pixelExtremes } from '../pixel-extremes.ts';
import { PLOT, line, timeAxis, valueAxis } from './axes.ts';
import { svgChart, type ChartSize, type ChartText } from './svg-chart.ts';

export interface RollingLines {
  /** Session date of the last period of each window, as 00:00Z in ms. */
  readonly ts: Float64Array;
  readonly short: Float64Array;
  readonly long: Float64Array;
}

/** The long window in the accent colour over the short one in grey; gaps where the value is undefined. */
export function rollingChart(
  text: ChartText,
  size: ChartSize,
  { ts, short, long }: RollingLines,
  axis: { format: (span: number) => (value: number) => string; fromZero: boolean },
): Markup {
  const [low, high] = extent([short, long]);
  const columns = size.width - PLOT.left - PLOT.right;
  const series = [
    line(points(ts, short, columns), PALETTE.reference, 1),
    line(points(ts, long, columns), PALETTE.accent, 1.7),
  ];
  return svgChart(text, size, {
    grid: PLOT,
    xAxis: timeAxis(ts[0]!, ts[ts.length - 1]!, size),
    yAxis: valueAxis({
      format: axis.format(high - (axis.fromZero ? 0 : low)),
      min: axis.fromZero ? 0 : undefined,
      splitNumber: 4,
    }),
    series: axis.fromZero ? series : [zeroLine(series[0]!), ...series.slice(1)],
  });
}

function points(ts: Float64Array, value: Float64Array, columns: number): [number, number | null][] {
  const drawn: [number, number | null][] = [];
  let before = -1;
  for (const row of pixelExtremes(ts, value, columns)) {
    if (before >= 0 && value.subarray(before, row).some(Number.isNaN)) drawn.push([ts[before]!, null]);
    drawn.push([ts[row]!, value[row]!]);
    before = row;
  }
  return drawn;
}

function zeroLine(series: Record<string, unknown>): Record<string, unknown> {
  return {
    ...series,
    markLine: {
      silent: true,
      symbol: 'none',
      animation: false,
      precision: 12,
      label: { show: false },
      emphasis: { disabled: true },
      lineStyle: { color: PALETTE.ink, width: 1, type: 'solid' },
      data: [{ yAxis: 0 }],
    },
  };
}
