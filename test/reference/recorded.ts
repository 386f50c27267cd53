import { readFileSync, writeFileSync } from 'node:fs';
import { productionRun } from './production.ts';
import { drawOneGrid, type GeneratedCase } from './recorded-draw.ts';
import { exchangeOf } from './slices.ts';
import type { Row } from './engine.ts';

/**
 * Event logs of recipes whose numbers a new reading of time must not change: one exchange, no actions, no benchmark, an
 * explicit lot for crypto, no Bracket order that is accepted while another order of its symbol works. One line each:
 * number of the draw, first 16 hex digits of `event_log_hash`.
 */
const FIXTURE = new URL('recorded-logs.txt', import.meta.url);
export interface RecordedLog {
  id: number;
  hash: string;
}

const HEX = 16;
const CRYPTO = ['BINANCE', 'COINBASE'];
const TERMINAL = ['denied', 'rejected', 'filled', 'cancelled', 'expired'];

/** The draw as it is recorded, or null where the promise of equal logs does not reach it. */
export function recordedCase(id: number): GeneratedCase | null {
  const test = drawOneGrid(id);
  const symbols = [...new Set(test.bars.map((bar) => bar.vt_symbol))];
  const kwargs = test.document.backtest.kwargs;
  if (
    new Set(symbols.map(exchangeOf)).size !== 1 ||
    test.actions.length > 0 ||
    kwargs.benchmark !== undefined ||
    kwargs.event_log === 'off'
  )
    return null;
  for (const symbol of symbols) {
    if (CRYPTO.includes(exchangeOf(symbol)) && kwargs.lot_size === undefined)
      test.instruments[symbol] = { lot_size: 1, ...test.instruments[symbol] };
  }
  return test;
}

export const logHashOf = (test: GeneratedCase): string => productionRun(test).eventLogHash!.slice(0, HEX);

/** Whether an order of the model Bracket was accepted while another order of its symbol worked. */
function bracketsMeet(test: GeneratedCase, events: readonly Row[]): boolean {
  if (test.document.strategy.kwargs.execution_model?.class !== 'Bracket') return false;
  const symbolOf = new Map<string, string>();
  const exits = new Set<string>();
  const working = new Set<string>();
  for (const event of events) {
    if (event.type === 'ORDER') {
      symbolOf.set(event.order_id, event.vt_symbol);
      if (event.order_type !== 'market') exits.add(event.order_id);
    }
    if (event.type !== 'ORDER_STATUS') continue;
    if (event.status === 'new' && !exits.has(event.order_id)) {
      for (const id of working) if (symbolOf.get(id) === symbolOf.get(event.order_id)) return true;
    }
    if (TERMINAL.includes(event.status)) working.delete(event.order_id);
    else working.add(event.order_id);
  }
  return false;
}

/** Writes the logs of the first `count` draws that the promise reaches, as the present engine makes them. */
export function record(count: number): void {
  const lines: string[] = [];
  for (let id = 0; lines.length < count; id++) {
    const test = recordedCase(id);
    if (test === null) continue;
    const run = productionRun(test);
    if (run.eventLogHash === null || bracketsMeet(test, run.events)) continue;
    lines.push(`${id} ${run.eventLogHash.slice(0, HEX)}`);
  }
  writeFileSync(FIXTURE, `${lines.join('\n')}\n`);
}

export function recordedLogs(): RecordedLog[] {
  return readFileSync(FIXTURE, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [id, hash] = line.split(' ');
      return { id: Number(id), hash: hash! };
    });
}
