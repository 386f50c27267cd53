import { html, type Markup } from '../markup.ts';
import { metricText } from '../metric-catalogue.ts';
import { decimal, percent, signedPercent } from '../number-format.ts';
import type { PrintedInput } from '../yearly-rates.ts';

export function headlineSection({ run, metrics, benchmark, noYear }: PrintedInput): Markup {
  const compared = (key: string): string | undefined =>
    benchmark?.metrics && `benchmark ${metricText(benchmark.metrics, key)}`;
  return html`<section aria-labelledby="headline"><h2 id="headline">Headline figures</h2>
<dl class="tiles">
${tile('Total return', signedPercent(metrics['total_return']), compared('total_return'), metrics['total_return'])}
${tile('CAGR', signedPercent(metrics['cagr']), noYear ?? compared('cagr'), metrics['cagr'])}
${tile('Sharpe ratio', decimal(metrics['sharpe']), compared('sharpe'), metrics['sharpe'])}
${tile('Maximum drawdown', percent(metrics['max_drawdown']), compared('max_drawdown'), metrics['max_drawdown'])}
${tile('Sortino ratio', decimal(metrics['sortino']), compared('sortino'), metrics['sortino'])}
${tile('Calmar ratio', decimal(metrics['calmar']), noYear ?? compared('calmar'), metrics['calmar'])}
${tile('Volatility', percent(metrics['volatility_ann']), compared('volatility_ann'))}
${tile('Probabilistic Sharpe', percent(metrics['psr'], 1), 'that the true Sharpe is above 0')}
${tile('Time in market', percent(metrics['exposure_time'], 1), 'share of periods with a position')}
${tile('Annual turnover', times(metrics['turnover_ann']), `total ${times(metrics['turnover'])} of starting equity`)}
${tile('Round trips', metricText(metrics, 'n_round_trips'), `win rate ${percent(metrics['win_rate'], 1)}`)}
${tile(`Final equity, ${run.currency}`, decimal(metrics['final_equity']), `from ${decimal(run.initial_cash)}`)}
</dl></section>`;
}

function tile(label: string, value: string, note?: string, sign?: number | null): Markup {
  const negative = typeof sign === 'number' && sign < 0;
  return html`<div><dt>${label}</dt><dd${negative && html` class="loss"`}>${value}</dd>${
    note &&
    html`<dd
class="sub">${note}</dd>`
  }</div>`;
}

function times(value: number | null | undefined): string {
  const text = decimal(value);
  return typeof value === 'number' && Number.isFinite(value) ? `${text}×` : text;
}
