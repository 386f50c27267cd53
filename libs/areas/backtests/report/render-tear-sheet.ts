import { html, trusted } from './markup.ts';
import { longDate } from './number-format.ts';
import { periodCloses, sessionCloses } from './period-closes.ts';
import { calendarSection } from './sections/calendar-section.ts';
import { costSection } from './sections/cost-section.ts';
import { headerSection, runTitle } from './sections/header-section.ts';
import { headlineSection } from './sections/headline-section.ts';
import { metricsSection } from './sections/metrics-section.ts';
import { performanceSection } from './sections/performance-section.ts';
import { reproduceSection } from './sections/reproduce-section.ts';
import { riskSection } from './sections/risk-section.ts';
import { roundTripSection } from './sections/round-trip-section.ts';
import { warningSection } from './sections/warning-section.ts';
import { STYLESHEET } from './stylesheet.ts';
import type { TearSheetInput } from './tear-sheet-input.ts';
import { printedInput } from './yearly-rates.ts';

/**
 * The tear sheet of a run as one HTML document without scripts or external resources, made for
 * `Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src data:`. Pure: equal input gives
 * equal bytes. Takes up to a second on a million equity rows, so call it off the event loop.
 */
export function renderTearSheet(given: TearSheetInput): string {
  const sessions = sessionCloses(given.run, given.equity);
  const periods = periodCloses(given.run, given.equity);
  const input = printedInput(given, sessions);
  return html`<!doctype html>
<html lang="en"><head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>${runTitle(input)} · backtest tear sheet</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLESHEET)}</style>
</head><body><main>
${headerSection(input)}
${warningSection(input)}
${headlineSection(input)}
${performanceSection(input, periods)}
${calendarSection(sessions)}
${riskSection(input, sessions, periods)}
${roundTripSection(input)}
${costSection(input)}
${metricsSection(input)}
${reproduceSection(input)}
<footer><p>Generated from backtest ${input.run.id}, completed ${longDate(input.run.completed_at)}, by engine
${input.run.engine} ${input.run.engine_version}. Dates are sessions of the exchange; times are UTC.</p>
<p>These are results of a simulation on historical data. No such order was placed in a market, and past results,
simulated or real, do not say what will come.</p></footer>
</main></body></html>
`.text;
}
