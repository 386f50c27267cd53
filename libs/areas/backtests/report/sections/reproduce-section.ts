import { stringify } from 'yaml';
import { html, type Markup } from '../markup.ts';
import { DASH } from '../number-format.ts';
import type { TearSheetInput } from '../tear-sheet-input.ts';

/** A schedule of thousands of targets would bury the report; the whole recipe is on the strategy version. */
const SHOWN_LINES = 400;

/** The recipe, and every value that has to be equal for the run to come out equal. */
export function reproduceSection({ run, hashes, recipe }: TearSheetInput): Markup {
  const lines = stringify(inReadingOrder(recipe), { lineWidth: 0 }).trimEnd().split('\n');
  const hidden = lines.length - SHOWN_LINES;
  return html`<section aria-labelledby="reproduce" class="page"><h2 id="reproduce">Reproduce this run</h2>
<p class="note">The same recipe, data, context, seed and engine version give the same run hash, fills, equity and
event log.</p>
<div class="table"><table class="definition"><caption><b>Identity</b></caption><tbody>
${row('Run', run.id, 'identifier of this backtest')}
${row('Run hash', hashes.run_hash, 'engine, its version, the hashes below, seed and period')}
${row('Spec hash', hashes.spec_hash, 'the normalised recipe')}
${row('Dataset hash', hashes.dataset_hash, 'every bar handed to the engine')}
${row('Context hash', hashes.context_hash, 'corporate actions, instruments and calendars')}
${row('Event log hash', hashes.event_log_hash, 'chain over every event of the run')}
${row('Engine', `${run.engine} ${run.engine_version}`, 'name and version')}
${row('Seed', String(run.seed), 'of every random stream')}
</tbody></table></div>
<h3 class="table">Recipe</h3>
<pre>${lines.slice(0, SHOWN_LINES).map((line) => `${clip(line)}\n`)}${
    hidden > 0 && `... ` + `${hidden} more lines in the strategy version with this spec hash\n`
  }</pre></section>`;
}

/** Members as an author would write them; what is not named follows by name. Storage keeps no order. */
const READING_ORDER = [
  'schema_version',
  'name',
  'description',
  'class',
  'engine',
  'type',
  'strategy',
  'backtest',
  'risk',
  'session',
  'brokerage',
  'feed',
  'kwargs',
  'universe_model',
  'alpha_model',
  'portfolio_model',
  'risk_model',
  'execution_model',
  'rebalance_every',
  'start',
  'end',
  'interval',
  'normalization',
  'initial_cash',
  'currency',
  'account',
  'slippage',
  'commission',
];

function inReadingOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inReadingOrder);
  if (typeof value !== 'object' || value === null) return value;
  const rank = (name: string): number =>
    READING_ORDER.includes(name) ? READING_ORDER.indexOf(name) : READING_ORDER.length;
  const members = Object.entries(value).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inReadingOrder(member)]));
}

function row(label: string, value: string | null, meaning: string): Markup {
  return html`<tr><th scope="row">${label}<span class="meaning">${meaning}</span></th>
<td><code>${value ?? DASH}</code></td></tr>
`;
}

function clip(line: string): string {
  return line.length > 2_000 ? `${line.slice(0, 2_000)}...` : line;
}
