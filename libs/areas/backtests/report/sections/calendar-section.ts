import { calendarReturns, type CalendarYear } from '../calendar-returns.ts';
import { html, type Markup } from '../markup.ts';
import { MONTHS, percent } from '../number-format.ts';
import type { PeriodCloses } from '../period-closes.ts';

const SHOWN_YEARS = 40;
/** Lower bounds of the five shades, as absolute monthly returns; fixed, so that two tear sheets can be compared. */
const SHADES = [0.0005, 0.01, 0.025, 0.05, 0.1];
/** A year is shaded on a scale three and a half times as wide: about the square root of twelve. */
const YEAR_SCALE = 3.5;

export function calendarSection(sessions: PeriodCloses): Markup {
  const years = calendarReturns(sessions);
  const shown = years.slice(-SHOWN_YEARS);
  if (years.length === 0)
    return html`<section aria-labelledby="calendar"><h2 id="calendar">Monthly returns</h2><p class="note">There are
not two session closes to measure a return between.</p></section>`;
  return html`<section aria-labelledby="calendar"><h2 id="calendar">Monthly returns</h2>
<p class="note">In percent, from session close to session close. The months of a year compound to its
total.${years.length > shown.length && ` The last ${shown.length} of ${years.length} years are shown.`}</p>
<table class="heat" role="table"><caption class="note">Shades deepen at 1%, 2.5%, 5% and 10% a month; gains are
blue, losses red.</caption>
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Year</th>${MONTHS.map(
    (month) => html`<th
scope="col" role="columnheader">${month}</th>`,
  )}<th scope="col" role="columnheader">Year</th></tr></thead>
<tbody role="rowgroup">${shown.map(yearRow)}</tbody></table></section>`;
}

function yearRow({ year, months, total }: CalendarYear): Markup {
  return html`<tr role="row"><th scope="row" role="rowheader">${year}</th>${months.map(
    (value, month) => html`<td
role="cell" data-m="${MONTHS[month]}" class="${shade(value, 1)}">${cell(value)}</td>`,
  )}<td role="cell" class="${shade(total, YEAR_SCALE)}">${cell(total)}</td></tr>
`;
}

function cell(value: number | null): string {
  return percent(value, 1).replace('%', '');
}

function shade(value: number | null, scale: number): string {
  if (value === null) return '';
  const level = SHADES.filter((bound) => Math.abs(value) >= bound * scale).length;
  return level === 0 ? '' : `${value < 0 ? 'l' : 'g'}${level}`;
}
