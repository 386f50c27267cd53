import { chartDates } from '../chart-dates.ts';
import { drawdownChart } from '../charts/drawdown-chart.ts';
import { equityChart, equityScale } from '../charts/equity-chart.ts';
import { exposureChart, netExposure } from '../charts/exposure-chart.ts';
import { worstDrawdowns, type DrawdownPeriod } from '../drawdown-periods.ts';
import { html, type Markup } from '../markup.ts';
import { decimal, isoDate, percent, quantity } from '../number-format.ts';
import type { PeriodCloses } from '../period-closes.ts';
import type { TearSheetInput } from '../tear-sheet-input.ts';
import { dataTable } from './data-table.ts';
import { responsiveFigure } from './figure.ts';

const WORST = 5;

export function performanceSection(input: TearSheetInput, closes: PeriodCloses): Markup {
  if (input.equity.ts.length === 0)
    return html`<section aria-labelledby="performance"><h2 id="performance">Performance</h2><p class="note">The run
has no equity rows.</p></section>`;
  const ts = chartDates(input.run, input.equity);
  const drawn = { ...input, equity: { ...input.equity, ts }, benchmark: input.benchmark && { ...input.benchmark, ts } };
  return html`<section aria-labelledby="performance"><h2 id="performance">Performance</h2>
${equityFigure(drawn)}${drawdownFigure(drawn)}${exposureFigure(drawn)}
${drawdownTable(input, worstDrawdowns(closes, WORST))}</section>`;
}

function equityFigure({ run, equity, benchmark }: TearSheetInput): Markup {
  const compared = benchmark && benchmark.ts.length > 0 ? benchmark : null;
  const scale = equityScale(equity, compared);
  const final = equity.equity[equity.equity.length - 1];
  const held = compared?.value[compared.value.length - 1];
  const description =
    `Equity of the strategy from ` +
    `${isoDate(equity.session[0])} to ` +
    `${isoDate(equity.session[equity.session.length - 1])}, ending at ` +
    `${run.currency} ${decimal(final)}${
      compared ? `; ` + `${compared.label} ended at ${run.currency} ${decimal(held)}` : ''
    }. ${scale === 'log' ? 'Logarithmic' : 'Linear'} scale.`;
  const title = compared ? `Equity against ${lowerFirst(compared.label)}` : 'Equity';
  const legend = html`<ul class="legend"><li
class="is-accent">Strategy</li>${compared && html`<li><bdi>${compared.label}</bdi></li>`}<li
class="is-plain">${run.currency}, ${scale === 'log' ? 'logarithmic' : 'linear'} scale, net of all costs</li></ul>`;
  return responsiveFigure({ key: 'equity', title, description }, { wide: 320, narrow: 260 }, legend, (text, size) =>
    equityChart(text, size, equity, compared),
  );
}

function drawdownFigure({ equity }: TearSheetInput): Markup {
  let deepest = 0;
  equity.drawdown.forEach((value, row) => {
    if (value < equity.drawdown[deepest]!) deepest = row;
  });
  const lowest = equity.drawdown[deepest];
  const description =
    `Fall of equity below its running peak; deepest ` + `${percent(lowest)} on ${isoDate(equity.session[deepest])}.`;
  return responsiveFigure(
    { key: 'drawdown', title: 'Drawdown', description },
    { wide: 170, narrow: 160 },
    'Fall below the running peak, at every bar',
    (text, size) => drawdownChart(text, size, equity),
  );
}

function exposureFigure({ equity, metrics }: TearSheetInput): Markup | null {
  if (!netExposure(equity).some(Number.isFinite)) return null;
  const description =
    `Net exposure over time; mean ` +
    `${percent(metrics['mean_net'])}, in the market ${percent(metrics['exposure_time'])} of the periods.`;
  return responsiveFigure(
    { key: 'exposure', title: 'Net exposure', description },
    { wide: 110, narrow: 110 },
    'Market value of long less short positions as a share of equity',
    (text, size) => exposureChart(text, size, equity),
  );
}

function drawdownTable({ run }: TearSheetInput, worst: readonly DrawdownPeriod[]): Markup {
  const unit = run.metrics_freq === 'bar' ? 'bars' : 'sessions';
  if (worst.length === 0) return html`<p class="note table">Equity never closed below an earlier peak.</p>`;
  const title = worst.length === 1 ? 'The drawdown' : `Worst ${worst.length} drawdowns`;
  const table = dataTable(
    html`<b>${title}</b> measured at the close of ${unit}`,
    [
      { head: 'Depth', loss: () => true, show: (period) => percent(period.depth) },
      { head: 'Peak', show: (period) => isoDate(period.peak) },
      { head: 'Valley', show: (period) => isoDate(period.valley) },
      { head: 'Recovered', show: (period) => (period.recovery === null ? 'not yet' : isoDate(period.recovery)) },
      { head: `To valley, ${unit}`, label: 'To valley', number: true, show: (period) => quantity(period.decline) },
      {
        head: `To recovery, ${unit}`,
        label: 'To recovery',
        number: true,
        show: (period) => (period.recovery === null ? `${quantity(period.length)}, open` : quantity(period.length)),
      },
    ],
    worst,
  );
  return html`<div class="table keep">${table}</div>`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
