import { generateCase } from './generate.ts';
import { productionRun } from './production.ts';
import { Draws, type GeneratedCase } from './recorded-draw.ts';
import { referenceNormalise } from './recipe.ts';
import { placeBars, type Bar } from './slices.ts';
import type { Row } from './state.ts';

export interface LookAhead {
  id: number;
  fills: number;
  valuations: number;
  calendars: number;
  faults: string[];
}

/**
 * Prices of what is paid at the end of a series are valuations: the last close known, not a bar that an order meets.
 */
const VALUATION = 'liquidation';
const CLOSE = 1e-6;

/**
 * Universes of two to five calendars. Prices that a store adjusts know later dividends, so the bars are taken as they
 * are.
 */
export function lookAheadCase(id: number): GeneratedCase {
  const test = generateCase(id, { least: 2 });
  test.document.backtest.kwargs.event_log = 'full';
  if (test.stored && test.document.backtest.kwargs.normalization !== 'raw')
    test.actions = test.actions.filter(({ type }) => type !== 'split' && type !== 'dividend');
  return { ...test, stored: false };
}

const placed = (test: GeneratedCase): Bar[] => {
  const { recipe } = referenceNormalise(test.document);
  return placeBars(test.bars, recipe.strategy.kwargs.universe_model.kwargs.symbols, recipe.backtest.kwargs).bars;
};

/** Instants of margin calls: the first mark in breach since the requirement last held. */
function callsOf(events: Row[]): { from: number; until: number }[] {
  const calls: { from: number; until: number }[] = [];
  let open: { from: number; until: number } | null = null;
  let breached = false;
  for (const event of events) {
    if (event.type === 'RISK' && event.action === 'margin_call') breached = true;
    if (event.type !== 'SNAPSHOT') continue;
    const at = Date.parse(event.t);
    if (breached) {
      open ??= { from: at, until: at };
      open.until = at;
      if (!calls.includes(open)) calls.push(open);
    } else open = null;
    breached = false;
  }
  return calls;
}

/**
 * Every fill is at a price of a bar that began when its order was there, or it is a valuation at the last close known.
 */
function fillFaults(
  test: GeneratedCase,
  run: { fills: Row[]; orders: Row[]; events: Row[] },
): { faults: string[]; valuations: number } {
  const faults: string[] = [];
  let valuations = 0;
  const bars = placed(test);
  const calls = callsOf(run.events);
  const splits = run.events.filter(
    (event) => event.type === 'CORP_ACTION' && (event.kind === 'split' || event.new_vt_symbol !== undefined),
  );
  for (const fill of run.fills) {
    const order = run.orders.find((row) => row.order_id === fill.order_id)!;
    const at = Date.parse(fill.ts);
    const bar = bars.find((one) => one.symbol === fill.vt_symbol && one.known === at);
    if (order.origin === VALUATION && order.live_from === null) {
      valuations++;
      if (splits.some((event) => event.vt_symbol === fill.vt_symbol || event.new_vt_symbol === fill.vt_symbol))
        continue;
      const delisted = run.events.some(
        (event) =>
          event.type === 'CORP_ACTION' &&
          event.vt_symbol === fill.vt_symbol &&
          event.t === fill.ts &&
          event.kind !== 'dividend',
      );
      const close = bars
        .filter((one) => one.symbol === fill.vt_symbol && (delisted ? one.known < at : one.known <= at))
        .at(-1)!.close;
      const slip = Number(fill.slippage_cost) / Number(fill.quantity);
      const tick = test.instruments[fill.vt_symbol]?.tick_size ?? 0;
      if (Math.abs(Math.abs(Number(fill.price) - close) - slip) > CLOSE + tick)
        faults.push(`${fill.fill_id} at ${fill.price}, the last close known is ${close}`);
      continue;
    }
    const since =
      order.origin === VALUATION
        ? calls.findLast(({ from, until }) => from < at && until >= from)?.from
        : Date.parse(order.submitted_at);
    if (bar === undefined) faults.push(`${fill.fill_id} meets no bar of ${fill.vt_symbol}`);
    else if (since === undefined || bar.opens < since)
      faults.push(
        `${fill.fill_id} of ${order.order_id} in a bar of ` +
          `${new Date(bar.opens).toISOString()}, before its order of ` +
          `${since === undefined ? 'no call' : new Date(since).toISOString()}`,
      );
    else if (order.live_from === null || Date.parse(order.live_from) > bar.opens || Date.parse(order.live_from) < since)
      faults.push(`${order.order_id} says live_from ${order.live_from}`);
  }
  return { faults, valuations };
}

/** The same request with other prices and volumes in the bars that become known after the instant. */
function changedAfter(test: GeneratedCase, instant: number, draw: Draws): GeneratedCase {
  const later = new Set(
    placed(test)
      .filter((bar) => bar.known > instant)
      .map((bar) => `${bar.symbol} ${bar.label}`),
  );
  const { recipe } = referenceNormalise(test.document);
  const bars = test.bars.map((row) => {
    const own = placeBars([row], [row.vt_symbol], { ...recipe.backtest.kwargs, end: null }).bars[0];
    if (own === undefined || !later.has(`${own.symbol} ${own.label}`)) return row;
    const factor = 0.2 + 3 * draw.next();
    const [open, close] = [row.open * factor, row.close * factor * (0.8 + 0.4 * draw.next())];
    return {
      ...row,
      open,
      close,
      high: Math.max(open, close) * (1 + draw.next() / 10),
      low: Math.min(open, close) * (1 - draw.next() / 10),
      volume: draw.pick([null, 0, 100, 1_000_000]),
    };
  });
  return { ...test, bars };
}

/** Bars known after an instant change no event up to it. */
function eventFaults(test: GeneratedCase, events: Row[], draw: Draws): string[] {
  const instants = [...new Set(events.map((event) => event.t as string))];
  if (instants.length < 2) return [];
  const cut = instants[draw.below(instants.length - 1)]!;
  const upTo = (rows: Row[]): string[] => rows.filter((event) => event.t <= cut).map((event) => JSON.stringify(event));
  const other = upTo(productionRun(changedAfter(test, Date.parse(cut), draw)).events);
  const before = upTo(events);
  const first = before.findIndex((event, i) => event !== other[i]);
  return first < 0 && other.length === before.length
    ? []
    : [`bars after ${cut} change ${before[first] ?? 'the number of events'} into ${other[first]}`];
}

export function checkLookAhead(id: number): LookAhead {
  const test = lookAheadCase(id);
  const run = productionRun(test);
  const { faults, valuations } = fillFaults(test, run);
  return {
    id,
    fills: run.fills.length,
    valuations,
    calendars: test.calendars,
    faults: [...faults, ...eventFaults(test, run.events, new Draws(`look-ahead-${id}`))],
  };
}
