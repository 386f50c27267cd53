import { equityScale } from './charts/equity-chart.ts';
import { isoDate } from './number-format.ts';
import { PALETTE } from './palette.ts';
import { periodCloses, periodReturns } from './period-closes.ts';
import { pixelExtremes } from './pixel-extremes.ts';
import type { TearSheetInput } from './tear-sheet-input.ts';

export const PLOT_KINDS = ['equity', 'drawdown', 'returns'] as const;
export type PlotKind = (typeof PLOT_KINDS)[number];

/** A figure in the form Plotly draws; times RFC 3339 in UTC, session returns by session date. */
export interface PlotFigure {
  readonly data: readonly PlotTrace[];
  readonly layout: Readonly<Record<string, unknown>>;
}

export interface PlotTrace {
  readonly type: 'scatter' | 'bar';
  readonly name: string;
  readonly x: readonly string[];
  readonly y: readonly number[];
  readonly [attribute: string]: unknown;
}

/** Up to here every row is in the figure; beyond it the extremes of `COLUMNS` columns are. */
const EXACT_ROWS = 20_000;
const COLUMNS = EXACT_ROWS / 4;

/** Equity with its benchmark, drawdown, or the returns of the periods the metrics are made of. */
export function plotFigure(kind: PlotKind, input: Pick<TearSheetInput, 'run' | 'equity' | 'benchmark'>): PlotFigure {
  switch (kind) {
    case 'equity':
      return equityFigure(input);
    case 'drawdown':
      return drawdownFigure(input);
    case 'returns':
      return returnsFigure(input);
  }
}

function equityFigure({ run, equity, benchmark }: Pick<TearSheetInput, 'run' | 'equity' | 'benchmark'>): PlotFigure {
  const data = [
    trace('scatter', 'Strategy', equity.ts, equity.equity, {
      mode: 'lines',
      line: { color: PALETTE.accent, width: 1.7 },
    }),
  ];
  if (benchmark)
    data.push(
      trace('scatter', benchmark.label, benchmark.ts, benchmark.value, {
        mode: 'lines',
        line: { color: PALETTE.reference, width: 1.3 },
      }),
    );
  return {
    data,
    layout: layout('Equity', {
      title: { text: `Equity (${run.currency})` },
      type: equityScale(equity, benchmark ?? null),
    }),
  };
}

function drawdownFigure({ equity }: Pick<TearSheetInput, 'equity'>): PlotFigure {
  const data = [
    trace('scatter', 'Drawdown', equity.ts, equity.drawdown, {
      mode: 'lines',
      fill: 'tozeroy',
      line: { color: PALETTE.loss, width: 1 },
    }),
  ];
  return {
    data,
    layout: layout('Drawdown', { title: { text: 'Below running peak' }, tickformat: '.1%', rangemode: 'tozero' }),
  };
}

function returnsFigure({ run, equity }: Pick<TearSheetInput, 'run' | 'equity'>): PlotFigure {
  const closes = periodCloses(run, equity);
  const unit = run.metrics_freq === 'bar' ? 'Bar' : 'Session';
  const [ts, text] = run.metrics_freq === 'bar' ? [closes.ts, instantText] : [closes.session, isoDate];
  const data = [
    trace(
      'bar',
      `${unit} return`,
      ts.subarray(1),
      periodReturns(closes.equity),
      { marker: { color: PALETTE.accent } },
      text,
    ),
  ];
  return {
    data,
    layout: layout(
      `${unit} returns`,
      { title: { text: 'Return' }, tickformat: '.1%' },
      run.metrics_freq === 'bar' ? TIME : 'Session',
    ),
  };
}

function trace(
  type: PlotTrace['type'],
  name: string,
  ts: Float64Array,
  value: Float64Array,
  attributes: Record<string, unknown>,
  text = instantText,
): PlotTrace {
  const rows = pixelExtremes(ts, value, ts.length > EXACT_ROWS ? COLUMNS : Math.max(1, ts.length));
  return { type, name, x: rows.map((row) => text(ts[row]!)), y: rows.map((row) => value[row]!), ...attributes };
}

function instantText(millis: number): string {
  return new Date(millis).toISOString();
}

const TIME = 'Time (UTC)';

function layout(title: string, yaxis: Record<string, unknown>, axis = TIME): Record<string, unknown> {
  return {
    title: { text: title },
    xaxis: { type: 'date', title: { text: axis } },
    yaxis,
    hovermode: 'x unified',
    showlegend: true,
    template: 'plotly_white',
  };
}
