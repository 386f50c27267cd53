import { chartDates } from '../chart-dates.ts';
import { HALF } from '../charts/axes.ts';
import { histogramChart } from '../charts/histogram-chart.ts';
import { roundTripChart } from '../charts/round-trip-chart.ts';
import { html, type Markup } from '../markup.ts';
import { metricText } from '../metric-catalogue.ts';
import {
  isoDate,
  isoMinute,
  percent,
  price,
  quantity,
  signedDecimal,
  signedPercent,
  toMillis,
} from '../number-format.ts';
import { atInstant, sessionAt } from '../period-closes.ts';
import { histogram } from '../return-histogram.ts';
import type { EquityColumns, Instant, Metrics, RoundTripRow, TearSheetInput } from '../tear-sheet-input.ts';
import { dataTable } from './data-table.ts';
import { halfFigure, histogramCaption } from './figure.ts';

const SHOWN = 20;
/** More points than this hide each other; a histogram says more. */
const SCATTER_LIMIT = 1_000;

export function roundTripSection({ run, metrics, equity, roundTrips }: TearSheetInput): Markup {
  const newestFirst = roundTrips.toSorted((a, b) => (toMillis(b.exit_ts) ?? 0) - (toMillis(a.exit_ts) ?? 0));
  if (roundTrips.length === 0)
    return html`<section aria-labelledby="trips"><h2 id="trips">Round trips</h2><p class="note">No position was
opened and closed again.</p></section>`;
  return html`<section aria-labelledby="trips"><h2 id="trips">Round trips</h2>
<p class="note">A round trip goes from flat to flat in one symbol; profit and loss are net of commission.</p>
<div class="pair">${returnFigure(roundTrips, run, equity)}${summaryTable(metrics, roundTrips, run.currency)}</div>
${tripTable(newestFirst.slice(0, SHOWN), roundTrips.length, run, equity)}</section>`;
}

function returnFigure(
  trips: readonly RoundTripRow[],
  run: TearSheetInput['run'],
  equity: EquityColumns,
): Markup | null {
  const { ts } = equity;
  const returns = Float64Array.from(trips, (trip) => trip.return ?? NaN);
  const bins = histogram(returns);
  if (!bins || ts.length === 0) return null;
  const finite = returns.filter(Number.isFinite);
  const wins = finite.filter((value) => value >= 0).length;
  const description =
    `Returns of ` +
    `${quantity(finite.length)} round trips, ` +
    `${quantity(wins)} of them not negative; best ` +
    `${percent(finite.reduce((a, b) => Math.max(a, b)))}, worst ${percent(finite.reduce((a, b) => Math.min(a, b)))}.`;
  if (trips.length > SCATTER_LIMIT)
    return halfFigure(
      { key: 'trips', title: 'Distribution of returns', description },
      HALF,
      histogramCaption('round trip', bins),
      (text, size) => histogramChart(text, size, bins, []),
    );
  const dates = chartDates(run, equity);
  const exits = trips.flatMap((trip) => {
    const at = atInstant(ts, dates, trip.exit_ts);
    return at === null || trip.return === null || !Number.isFinite(trip.return) ? [] : [[at, trip.return] as const];
  });
  return halfFigure(
    { key: 'trips', title: 'Return by exit date', description },
    HALF,
    html`<ul class="legend"><li class="is-gain-dot">Gain</li><li class="is-loss-dot">Loss</li></ul>`,
    (text, size) => roundTripChart(text, size, exits, [dates[0] ?? 0, dates[dates.length - 1] ?? 0]),
  );
}

function summaryTable(metrics: Metrics, trips: readonly RoundTripRow[], currency: string): Markup {
  const pnl = trips.map((trip) => trip.pnl).filter(Number.isFinite);
  const rows: [string, string][] = [
    ['Round trips', metricText(metrics, 'n_round_trips')],
    ['Win rate', percent(metrics['win_rate'], 1)],
    ['Profit factor', metricText(metrics, 'profit_factor')],
    ['Payoff ratio', metricText(metrics, 'payoff')],
    [`Expectancy, ${currency}`, metricText(metrics, 'expectancy')],
    [`Best, ${currency}`, signedDecimal(pnl.reduce((a, b) => Math.max(a, b), -Infinity))],
    [`Worst, ${currency}`, signedDecimal(pnl.reduce((a, b) => Math.min(a, b), Infinity))],
    ['Mean bars held', metricText(metrics, 'mean_bars_held')],
  ];
  return html`<div class="table"><table><caption><b>Summary</b></caption>
<tbody>${rows.map(
    ([label, value]) => html`<tr><th scope="row">${label}</th><td class="num">${value}</td>
</tr>`,
  )}</tbody></table></div>`;
}

function tripTable(
  trips: readonly RoundTripRow[],
  total: number,
  { currency, interval }: TearSheetInput['run'],
  equity: EquityColumns,
): Markup {
  const when =
    interval === '1d' || interval === '1w'
      ? (instant: Instant): string => isoDate(sessionAt(equity, instant))
      : isoMinute;
  const scope =
    total > trips.length ? `The most recent ${trips.length} of ${quantity(total)}` : `All ${quantity(total)}`;
  const table = dataTable(
    html`<b>${scope}</b> newest first, P&amp;L in ${currency}`,
    [
      { head: 'Symbol', show: (trip) => trip.vt_symbol },
      { head: 'Side', show: (trip) => trip.direction },
      { head: 'Entry', whole: true, show: (trip) => when(trip.entry_ts) },
      { head: 'Exit', whole: true, show: (trip) => when(trip.exit_ts) },
      { head: 'Entry price', number: true, show: (trip) => price(trip.entry_price) },
      { head: 'Exit price', number: true, show: (trip) => price(trip.exit_price) },
      { head: 'Quantity', number: true, show: (trip) => quantity(trip.quantity) },
      { head: 'Bars', number: true, show: (trip) => quantity(trip.bars_held) },
      { head: 'P&L', number: true, loss: (trip) => trip.pnl < 0, show: (trip) => signedDecimal(trip.pnl) },
      {
        head: 'Return',
        number: true,
        loss: (trip) => (trip.return ?? 0) < 0,
        show: (trip) => signedPercent(trip.return),
      },
      {
        head: html`<abbr title="Maximum adverse excursion">MAE</abbr>`,
        label: 'MAE',
        number: true,
        show: (trip) => percent(trip.mae),
      },
      {
        head: html`<abbr title="Maximum favourable excursion">MFE</abbr>`,
        label: 'MFE',
        number: true,
        show: (trip) => percent(trip.mfe),
      },
    ],
    trips,
  );
  return html`<div class="table scroll" tabindex="0" role="region" aria-label="Round trips">${table}</div>`;
}
