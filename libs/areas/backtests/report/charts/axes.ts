import { MONTHS, compact, percent } from '../number-format.ts';
import { PALETTE } from '../palette.ts';
import type { ChartSize } from './svg-chart.ts';

/** Across the page, and the same for a phone. */
export const WIDE: ChartSize = { width: 880, height: 320 };
export const NARROW: ChartSize = { width: 380, height: 260 };
/** Two beside each other; alone across a phone. */
export const HALF: ChartSize = { width: 424, height: 250 };

/** Left margin wide enough for the longest axis label, the same on all charts, so that dates line up down the page. */
const LABEL_ROOM = 56;
export const PLOT = { left: LABEL_ROOM, right: 10, top: 10, bottom: 26 } as const;

const label = { color: PALETTE.muted, fontSize: 12 };

export function timeAxis(from: number, to: number, size: ChartSize): object {
  const { ticks, format } = timeTicks(from, to, Math.max(2, Math.floor((size.width - LABEL_ROOM) / 62)));
  return {
    type: 'time',
    min: from,
    max: to > from ? to : from + 1,
    axisLabel: { ...label, customValues: ticks, formatter: format, hideOverlap: true },
    axisTick: { show: true, customValues: ticks, lineStyle: { color: PALETTE.reference }, length: 4 },
    axisLine: { onZero: false, lineStyle: { color: PALETTE.reference } },
    splitLine: { show: false },
  };
}

export function valueAxis(options: {
  format: (value: number) => string;
  min?: number;
  max?: number;
  splitNumber?: number;
  minInterval?: number;
  type?: 'value' | 'log';
  ticks?: readonly number[];
}): object {
  const customValues = options.ticks && { customValues: options.ticks };
  return {
    type: options.type ?? 'value',
    min: options.min,
    max: options.max,
    scale: true,
    splitNumber: options.splitNumber ?? 5,
    minInterval: options.minInterval,
    axisLabel: { ...label, formatter: options.format, ...customValues },
    axisLine: { show: false },
    axisTick: { show: false, ...customValues },
    splitLine: { lineStyle: { color: PALETTE.hairline }, ...customValues },
  };
}

/** Labels of a percent axis with enough decimals to tell its ticks apart. */
export function percentLabels(span: number): (value: number) => string {
  const digits = decimalsFor(span * 100);
  return (value) => percent(value, digits);
}

/** Labels of a money axis, likewise: 100k and 110k, or 100.02k and 100.04k. */
export function moneyLabels(low: number, high: number): (value: number) => string {
  const unit = 1000 ** Math.min(4, Math.max(0, Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high), 1)) / 3)));
  const digits = Math.max(2, decimalsFor((high - low) / unit));
  return (value) => compact(value, digits);
}

/** Decimals that show a fifth of `span`. */
function decimalsFor(span: number): number {
  return span > 0 ? Math.min(8, Math.max(0, Math.ceil(-Math.log10(span / 5)))) : 0;
}

export function line(
  points: readonly (readonly [number, number | null])[],
  color: string,
  width: number,
): Record<string, unknown> {
  return {
    type: 'line',
    data: points,
    showSymbol: points.length === 1,
    symbol: 'circle',
    symbolSize: 5,
    silent: true,
    emphasis: { disabled: true },
    lineStyle: { color, width, join: 'round' },
    itemStyle: { color },
  };
}

const DAY = 86_400_000;

/**
 * Calendar ticks (years, quarters, months, days or hours), at most `most` of them: the renderer's own skip January in
 * odd years.
 */
function timeTicks(from: number, to: number, most: number): { ticks: number[]; format: (at: number) => string } {
  const days = (to - from) / DAY;
  if (days < 1.01)
    return {
      ticks: even(from, to, Math.max(1, Math.ceil((days * 24) / most)) * (DAY / 24)),
      format: (at) => new Date(at).toISOString().replace(/^.*T(\d\d:\d\d).*$/, '$1'),
    };
  if (days < 62)
    return {
      ticks: even(from, to, Math.ceil(days / most) * DAY),
      format: (at) => `${new Date(at).getUTCDate()} ${MONTHS[new Date(at).getUTCMonth()]}`,
    };
  const months = days / 30.4;
  const step =
    [1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600, 1200, 2400, 6000, 12000].find((size) => months / size <= most) ??
    60_000;
  const ticks: number[] = [];
  const first = new Date(from).getUTCFullYear() * 12;
  for (let month = Math.floor(first / step) * step; ; month += step) {
    const at = Date.UTC(2000, month - 24_000, 1);
    if (at > to) break;
    if (at >= from) ticks.push(at);
  }
  return {
    ticks,
    format: (at) => {
      const date = new Date(at);
      return date.getUTCMonth() === 0 ? String(date.getUTCFullYear()) : MONTHS[date.getUTCMonth()]!;
    },
  };
}

function even(from: number, to: number, step: number): number[] {
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}
