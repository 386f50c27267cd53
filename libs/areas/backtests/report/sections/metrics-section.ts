import { html, type Markup } from '../markup.ts';
import { METRIC_GROUPS, metricText, metricsBeyondCatalogue, type MetricGroup } from '../metric-catalogue.ts';
import type { Metrics } from '../tear-sheet-input.ts';
import { isYearly, type PrintedInput } from '../yearly-rates.ts';

export function metricsSection({ run, metrics, noYear }: PrintedInput): Markup {
  const others = metricsBeyondCatalogue(metrics);
  const groups: MetricGroup[] = METRIC_GROUPS.filter(
    ({ optional, entries }) => !optional || entries.some(({ key }) => Number.isFinite(metrics[key])),
  );
  if (others.length > 0)
    groups.push({ title: 'Other', entries: others.map((key) => ({ key, label: key, format: 'ratio', meaning: '' })) });
  const periods = run.metrics_freq === 'bar' ? 'bars' : 'session closes';
  return html`<section aria-labelledby="metrics" class="keep"><h2 id="metrics">All metrics</h2>
<p class="note">Measured over ${periods} from the first decision, ${run.sessions_per_year ?? 252}
${run.interval === '1w' ? 'weeks' : 'sessions'} a year. A dash marks a value that does not exist. Money in
${run.currency}.</p>
<div class="columns">${groups.map((group) => groupTable(group, metrics, noYear))}</div></section>`;
}

function groupTable({ title, entries }: MetricGroup, metrics: Metrics, noYear: string | null): Markup {
  const said = (key: string, meaning: string): string =>
    noYear !== null && isYearly(key) ? `${meaning}: ${noYear}` : meaning;
  return html`<div class="table"><table><caption><b>${title}</b></caption><tbody>${entries.map(
    ({ key, label, meaning }) => html`<tr><th scope="row">${label}${
      meaning !== '' &&
      html`<span
class="meaning">${said(key, meaning)}</span>`
    }</th><td class="num">${metricText(metrics, key)}</td></tr>
`,
  )}</tbody></table></div>`;
}
