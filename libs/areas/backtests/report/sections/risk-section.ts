import { HALF, percentLabels } from '../charts/axes.ts';
import { histogramChart, type HistogramMark } from '../charts/histogram-chart.ts';
import { rollingChart } from '../charts/rolling-chart.ts';
import { html, type Markup } from '../markup.ts';
import { compact, decimal, percent, quantity } from '../number-format.ts';
import { periodReturns, type PeriodCloses } from '../period-closes.ts';
import { histogram } from '../return-histogram.ts';
import { rollingRisk } from '../rolling-risk.ts';
import type { TearSheetInput } from '../tear-sheet-input.ts';
import { halfFigure, histogramCaption, responsiveFigure } from './figure.ts';

/** Rolling figures and the distribution of returns. */
export function riskSection(input: TearSheetInput, sessions: PeriodCloses, periods: PeriodCloses): Markup {
  return html`<section aria-labelledby="risk"><h2 id="risk">Risk through time</h2>
${rollingFigures(input, sessions)}${distributionFigure(input, periods)}</section>`;
}

function rollingFigures({ run }: TearSheetInput, sessions: PeriodCloses): Markup {
  const year = run.sessions_per_year ?? 252;
  const long = Math.max(2, Math.round(year));
  const short = Math.max(2, Math.round(year / 2));
  const returns = periodReturns(sessions.equity);
  if (returns.length < short)
    return html`<p class="note">Rolling figures need ${short} session returns; the run has ${returns.length}.</p>`;
  const ts = sessions.session.subarray(1);
  const half = rollingRisk(returns, short, year, run.risk_free ?? 0);
  const whole = rollingRisk(returns, long, year, run.risk_free ?? 0);
  if (!half.sharpe.some(Number.isFinite)) return html`<p class="note">Rolling figures need returns that vary.</p>`;
  const legend = html`<ul class="legend"><li class="is-accent">${long} sessions</li><li>${short} sessions</li></ul>`;
  const figure = (
    name: 'sharpe' | 'volatility',
    title: string,
    text: (value: number) => string,
    axis: { format: (span: number) => (value: number) => string; fromZero: boolean },
  ): Markup => {
    const latest = whole[name][returns.length - 1];
    const description =
      `${title}, annualised, over windows of ` +
      `${short} and ${long} sessions${
        latest !== undefined && Number.isFinite(latest) ? `; ` + `${text(latest)} over the last ${long}` : ''
      }.`;
    return halfFigure({ key: `rolling-${name}`, title, description }, HALF, legend, (label, size) =>
      rollingChart(label, size, { ts, short: half[name], long: whole[name] }, axis),
    );
  };
  const sharpe = { format: () => (value: number) => compact(value), fromZero: false };
  const volatility = { format: percentLabels, fromZero: true };
  return html`<p class="note">Annualised over the last ${short} and ${long} sessions; no line where returns do not
vary.</p><div class="pair">
${figure('sharpe', 'Rolling Sharpe ratio', (value) => decimal(value), sharpe)}
${figure('volatility', 'Rolling volatility', (value) => percent(value), volatility)}</div>`;
}

function distributionFigure({ run, metrics }: TearSheetInput, periods: PeriodCloses): Markup | null {
  const returns = periodReturns(periods.equity);
  const bins = histogram(returns);
  if (!bins) return null;
  const unit = run.metrics_freq === 'bar' ? 'bar' : 'session';
  const marks = [mark('VaR 95%', metrics['var_95']), mark('CVaR 95%', metrics['cvar_95'])].flatMap(
    (item) => item ?? [],
  );
  const caption = histogramCaption(unit, bins);
  const description =
    `Histogram of ` +
    `${quantity(returns.length)} ${unit} returns; value at risk ` +
    `${percent(metrics['var_95'])}, conditional value at risk ` +
    `${percent(metrics['cvar_95'])}, skewness ${decimal(metrics['skew'])}, kurtosis ${decimal(metrics['kurtosis'])}.`;
  return responsiveFigure(
    { key: 'distribution', title: `Distribution of ${unit} returns`, description },
    { wide: 260, narrow: 250 },
    caption,
    (text, size) => histogramChart(text, size, bins, marks),
  );
}

function mark(label: string, value: number | null | undefined): HistogramMark | null {
  return typeof value === 'number' && Number.isFinite(value) ? { label, value } : null;
}
