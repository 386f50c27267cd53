import type { Markup } from '../markup.ts';
import { percent, quantity } from '../number-format.ts';
import { PALETTE } from '../palette.ts';
import { roundStep, type Histogram } from '../return-histogram.ts';
import { PLOT, valueAxis } from './axes.ts';
import { svgChart, type ChartSize, type ChartText } from './svg-chart.ts';

/** A vertical line at a value, such as the value at risk. */
export interface HistogramMark {
  readonly label: string;
  readonly value: number;
}

/** Bars of counts, losses and gains in their colours, with marked values; `values` names what an axis label shows. */
export function histogramChart(
  text: ChartText,
  size: ChartSize,
  { edges, counts, step }: Histogram,
  marks: readonly HistogramMark[],
): Markup {
  const from = Math.min(edges[0]!, 0, ...marks.map((mark) => mark.value - step));
  const to = Math.max(edges[edges.length - 1]! + step, 0);
  const top = marks.length > 0 ? 16 * marks.length + 6 : PLOT.top;
  const barWidth = Math.max(1, ((size.width - PLOT.left - PLOT.right) * step) / (to - from) - 1);
  const tick = roundStep((to - from) / (size.width > 600 ? 11 : 7));
  const ticks: number[] = [];
  for (let i = Math.ceil(from / tick - 1e-9); i * tick <= to * (1 + 1e-9); i++) ticks.push(i * tick);
  const digits = Math.max(
    0,
    Math.min(4, -Math.floor(Math.log10(tick * 100) + 1e-9) + (String(tick * 100).includes('2.5') ? 1 : 0)),
  );
  return svgChart(text, size, {
    grid: { ...PLOT, top },
    xAxis: {
      ...valueAxis({ format: (value) => percent(value, digits), min: from, max: to, ticks }),
      splitLine: { show: false },
      axisLine: { show: true, onZero: false, lineStyle: { color: PALETTE.reference } },
    },
    yAxis: valueAxis({ format: (value) => quantity(value), min: 0, splitNumber: 4, minInterval: 1 }),
    series: [
      {
        type: 'bar',
        silent: true,
        emphasis: { disabled: true },
        barWidth,
        data: counts.map((count, i) => ({
          value: [edges[i]! + step / 2, count],
          itemStyle: { color: edges[i]! + step / 2 < 0 ? PALETTE.loss : PALETTE.accent, opacity: 0.85 },
        })),
        markLine: {
          silent: true,
          animation: false,
          symbol: 'none',
          precision: 12,
          emphasis: { disabled: true },
          data: marks.map((mark, i) => marker(mark, marks.length - 1 - i, top)),
        },
      },
    ],
  });
}

/** Labels stand above the plot, one row per mark, so that close values stay legible. */
function marker({ label, value }: HistogramMark, row: number, top: number): object {
  return {
    xAxis: value,
    lineStyle: { color: PALETTE.ink, width: 1, type: [4, 3] },
    label: {
      show: true,
      position: 'end',
      distance: [0, 0],
      formatter: `${label} ${percent(value)}`,
      color: PALETTE.ink,
      fontSize: 12,
      align: 'left',
      verticalAlign: 'bottom',
      padding: [0, 0, row * 16 + (top > 0 ? 2 : 0), -4],
    },
  };
}
