import { html, type Markup } from '../markup.ts';
import { decimal, percent } from '../number-format.ts';
import type { PrintedInput } from '../yearly-rates.ts';

const LINES: readonly (readonly [key: string, label: string, meaning: string])[] = [
  ['commission_total', 'Commission', 'charged on every fill'],
  ['slippage_total', 'Slippage', 'worse fill prices; already contained in the prices'],
  ['borrow_total', 'Borrow', 'fees on short positions'],
  ['interest_total', 'Interest', 'on cash and debit balances'],
];

export function costSection({ run, metrics, noYear }: PrintedInput): Markup {
  const { cagr, cost_drag: drag } = metrics;
  const gross = typeof cagr === 'number' && typeof drag === 'number' ? cagr + drag : null;
  return html`<section aria-labelledby="costs" class="keep"><h2 id="costs">Costs</h2>
<div class="pair"><div class="table"><table><caption><b>Totals</b> in ${run.currency}</caption>
<thead><tr><th scope="col">Cost</th><th scope="col" class="num">Amount</th><th scope="col" class="num">Of starting
cash</th></tr></thead>
<tbody>${LINES.map(
    ([key, label, meaning]) => html`<tr><th scope="row">${label}<span
class="meaning">${meaning}</span></th><td class="num">${decimal(metrics[key])}</td><td
class="num">${percent(share(metrics[key], run.initial_cash))}</td></tr>`,
  )}</tbody></table></div>
<div class="table"><table><caption><b>What they cost a year</b>${
    noYear !== null && ` ` + `${noYear}`
  }</caption><thead><tr><th scope="col">Compound annual growth</th><th scope="col" class="num">Rate</th></tr></thead>
<tbody><tr><th scope="row">Before costs</th><td class="num">${percent(gross)}</td></tr><tr><th scope="row">Cost
drag</th><td class="num">${percent(typeof drag === 'number' ? -drag : null)}</td></tr></tbody>
<tfoot><tr><th scope="row">After costs</th><td class="num">${percent(cagr)}</td></tr></tfoot></table></div></div>
</section>`;
}

function share(amount: number | null | undefined, of: number): number | null {
  return typeof amount === 'number' && of > 0 ? amount / of : null;
}
