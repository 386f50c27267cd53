import type { Markup } from '../markup.ts';
import { PALETTE } from '../palette.ts';
import { PLOT, percentLabels, timeAxis, valueAxis } from './axes.ts';
import { svgChart, type ChartSize, type ChartText } from './svg-chart.ts';

/**
 * Return of each round trip at the place of its exit on an axis from one instant to another; gains and losses differ in
 * shape as well as colour.
 */
export function roundTripChart(
  text: ChartText,
  size: ChartSize,
  drawn: readonly (readonly [exit: number, value: number])[],
  [from, to]: readonly [number, number],
): Markup {
  const values = drawn.map(([, value]) => value);
  const span = values.reduce((a, b) => Math.max(a, b), 0) - values.reduce((a, b) => Math.min(a, b), 0);
  const dots = (keep: (value: number) => boolean, symbol: string, color: string): object => ({
    type: 'scatter',
    silent: true,
    emphasis: { disabled: true },
    symbol,
    symbolSize: drawn.length > 250 ? 4 : 7,
    itemStyle: { color, opacity: 0.75 },
    data: drawn.filter(([, value]) => keep(value)),
  });
  return svgChart(text, size, {
    grid: PLOT,
    xAxis: timeAxis(from, to, size),
    yAxis: valueAxis({ format: percentLabels(span), splitNumber: 4 }),
    series: [
      {
        ...dots((value) => value >= 0, 'circle', PALETTE.accent),
        markLine: {
          silent: true,
          animation: false,
          symbol: 'none',
          label: { show: false },
          emphasis: { disabled: true },
          lineStyle: { color: PALETTE.ink, width: 1, type: 'solid' },
          data: [{ yAxis: 0 }],
        },
      },
      dots((value) => value < 0, 'diamond', PALETTE.loss),
    ],
  });
}
