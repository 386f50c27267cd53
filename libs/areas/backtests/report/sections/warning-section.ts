import { html, type Markup } from '../markup.ts';
import type { TearSheetInput, TearSheetWarning } from '../tear-sheet-input.ts';

const SHOWN = 20;

/** What a reader should know before believing the figures; nothing when there is nothing. */
export function warningSection({ warnings }: TearSheetInput): Markup | null {
  if (warnings.length === 0) return null;
  return html`<aside class="warnings" aria-labelledby="warnings"><h3
id="warnings">${warnings.length === 1 ? 'Warning' : `${warnings.length} warnings`}</h3>
<ul>${warnings.slice(0, SHOWN).map(item)}${
    warnings.length > SHOWN &&
    html`<li>and ${warnings.length - SHOWN}
more</li>`
  }</ul></aside>`;
}

function item(warning: TearSheetWarning): Markup {
  if (typeof warning === 'string') return html`<li>${words(warning)}</li>`;
  const { code, message, ...rest } = warning;
  const details = Object.entries(rest)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
  return html`<li>${words(code)}${
    typeof message === 'string' && `: ` + `${message}`
  }${details !== '' && ` (${details})`}</li>`;
}

const MEANINGS: Readonly<Record<string, string>> = {
  no_decision: 'The run never had enough history to decide, so no metric is defined',
  ruin: 'Equity fell to zero or below; every position was closed and the run ended',
  risk_flat: 'The drawdown limit was reached and the run stayed flat from then on',
  short_clipped: 'Short targets were set to zero, as a cash account holds no shorts',
};

function words(code: string): Markup {
  const meaning = MEANINGS[code];
  return meaning ? html`${meaning} <code>${code}</code>` : html`<code>${code}</code>`;
}
