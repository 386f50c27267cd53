import { html, type Markup } from '../markup.ts';
import { DASH, decimal, longDate, percent, toMillis } from '../number-format.ts';
import { sessionAt } from '../period-closes.ts';
import type { TearSheetInput, TearSheetRun } from '../tear-sheet-input.ts';

const SHOWN_SYMBOLS = 12;
const BARS: Readonly<Record<string, string>> = {
  '1s': '1 second',
  '5s': '5 seconds',
  '10s': '10 seconds',
  '1m': '1 minute',
  '5m': '5 minutes',
  '15m': '15 minutes',
  '1h': 'Hourly',
  '1d': 'Daily',
  '1w': 'Weekly',
};

export function runTitle({ run, recipe }: TearSheetInput): string {
  return run.name?.trim() || (typeof recipe['name'] === 'string' && recipe['name'].trim()) || `Backtest ${run.id}`;
}

export function headerSection(input: TearSheetInput): Markup {
  const { run, equity } = input;
  const first = equity.session[0] ?? null;
  const last = equity.session[equity.session.length - 1] ?? null;
  const description = input.recipe['description'];
  return html`<header>
<p class="eyebrow"><span>Backtest tear sheet</span><span>${run.status}</span></p>
<h1><bdi>${runTitle(input)}</bdi></h1>
${typeof description === 'string' && html`<p class="about">${description}</p>`}
<dl class="facts">
${fact('Symbols', symbolText(symbolsOf(input)))}
${fact(
  'Period',
  first === null ? `${longDate(run.start)} to ` + `${longDate(run.end)}` : `${longDate(first)} to ${longDate(last)}`,
)}
${fact('Bars', BARS[run.interval] ?? run.interval)}
${fact('Engine', `${run.engine} ${run.engine_version}`)}
${fact('Currency', run.currency)}
${fact('Starting cash', `${run.currency} ${decimal(run.initial_cash)}`)}
${fact('First decision', longDate(run.first_decision == null ? null : sessionAt(equity, run.first_decision)))}
${fact('Completed', completedText(run))}
</dl>
${lede(input)}
</header>`;
}

function fact(label: string, value: string): Markup {
  return html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
}

/** The result in one sentence, for a reader who stops here. */
function lede({ run, metrics, equity, benchmark }: TearSheetInput): Markup | null {
  const { final_equity: final, total_return: total, cagr } = metrics;
  if (equity.ts.length < 2 || typeof final !== 'number' || typeof total !== 'number') return null;
  const drawdown = metrics['max_drawdown'];
  const grew = total === 0 ? 'stayed at' : total > 0 ? 'grew to' : 'shrank to';
  const rate = typeof cagr === 'number' ? ` (${percent(cagr)} a year)` : '';
  const fall =
    typeof drawdown === 'number' && drawdown < 0 ? ` Its deepest fall from a peak was ${percent(-drawdown)}.` : '';
  const held = benchmark?.value[benchmark.value.length - 1];
  return html`<p class="lede">${run.currency} ${decimal(run.initial_cash)} ${grew} <b>${run.currency}
${decimal(final)}</b>${rate} after all costs.${fall}${
    held !== undefined &&
    Number.isFinite(held) &&
    html`
${benchmark?.label} ended at ${run.currency} ${decimal(held)}.`
  }</p>`;
}

function symbolsOf({ run, recipe }: TearSheetInput): readonly string[] {
  if (run.symbols) return run.symbols;
  const symbols = ['strategy', 'kwargs', 'universe_model', 'kwargs', 'symbols'].reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    recipe,
  );
  return Array.isArray(symbols) ? symbols.map(String) : [];
}

function symbolText(symbols: readonly string[]): string {
  if (symbols.length === 0) return DASH;
  const shown = symbols.slice(0, SHOWN_SYMBOLS).join(', ');
  return symbols.length > SHOWN_SYMBOLS ? `${shown} and ${symbols.length - SHOWN_SYMBOLS} more` : shown;
}

function completedText(run: TearSheetRun): string {
  const at = toMillis(run.completed_at);
  return at === null ? DASH : `${longDate(at)}, ${new Date(at).toISOString().slice(11, 16)} UTC`;
}
