import { vtSymbol } from './recipe.ts';
import { openOnOrAfter, placeBars, type Bar, type PostedBar } from './slices.ts';
import type { Action } from './state.ts';

/** The one valuation of issue 7: one unit bought without cost and held, splits scale it, dividends and pay-outs stay as idle cash. */
export interface Held {
  /** Bars of every symbol that the unit may become, by symbol, and the kwargs of the run. */
  bars: (symbol: string) => Bar[];
  actions: Action[];
  kwargs: Record<string, any>;
}

const RANK = { dividend: 0, split: 1, rename: 2, merger: 3, delisting: 4 };

/** What one unit of `symbol`, bought at `from` at the last close known then, is worth at `at`, and what it cost. Null when there was no close. */
export function unitValue(held: Held, symbol: string, from: number, at: number): { cost: number; value: number } | null {
  const known = (name: string, until: number): Bar | undefined => held.bars(name).filter((bar) => bar.known <= until).at(-1);
  const first = known(symbol, from);
  if (!first) return null;
  const pending = held.actions
    .filter((action) => held.kwargs.normalization === 'raw' || (action.type !== 'split' && action.type !== 'dividend'))
    .map((action) => ({ ...action, symbol: vtSymbol(action.vt_symbol), opens: openOnOrAfter(vtSymbol(action.vt_symbol), action.ex_date, held.kwargs) }))
    .sort((a, b) => (a.ex_date < b.ex_date ? -1 : a.ex_date > b.ex_date ? 1 : RANK[a.type] - RANK[b.type]));
  /** Splits between the last close and an instant lower that close. */
  const mark = (name: string, until: number, applied: (opens: number) => boolean): number => {
    const bar = known(name, until)!;
    return pending.filter((a) => a.type === 'split' && a.symbol === name && a.opens >= bar.known && applied(a.opens)).reduce((price, a) => price / a.ratio!, bar.close);
  };
  let name: string | null = symbol;
  let units = 1;
  let cash = 0;
  const cost = mark(symbol, from, (opens) => opens < from);
  for (const action of pending.filter((a) => a.opens >= from && a.opens < at)) {
    if (name === null || action.symbol !== name) continue;
    const price = mark(name, action.opens, (opens) => opens <= action.opens);
    const next: string | null = action.new_vt_symbol === undefined ? null : vtSymbol(action.new_vt_symbol);
    if (action.type === 'split') units *= action.ratio!;
    else if (action.type === 'dividend') cash += units * action.amount!;
    else if (action.type === 'merger' && (next === null || held.bars(next).length > 0)) {
      cash += units * (action.amount ?? 0);
      name = next;
      units *= action.ratio ?? 0;
    } else if (action.type === 'rename' && held.bars(next!).length > 0) name = next;
    else {
      cash += units * price;
      name = null;
    }
    if (name !== null && !known(name, at)) return { cost, value: cash + (units * price) / (action.type === 'merger' ? action.ratio! : 1) };
  }
  return { cost, value: cash + (name === null ? 0 : units * mark(name, at, (opens) => opens < at)) };
}

const DAY = 86_400_000;
/** Periods are named by their session date, weeks by their Monday. */
export function periodOf(session: string, interval: string): string {
  if (interval !== '1w') return session;
  const day = Date.parse(session);
  return new Date(day - ((new Date(day).getUTCDay() + 6) % 7) * DAY).toISOString().slice(0, 10);
}

export interface PeriodRow { ts: number; session: string; closesSession: boolean }
/** Instants at which the series closed in each period of the run, undefined where it did not. */
export function closesOf(bars: Bar[], rows: PeriodRow[], kwargs: Record<string, any>): (number | undefined)[] {
  return rows.map((row, i) => {
    if (kwargs.metrics_freq === 'bar') return bars.find((bar) => bar.known === row.ts)?.known;
    const own = bars.filter((bar) => periodOf(bar.session, kwargs.interval) === periodOf(row.session, kwargs.interval));
    return (i === 0 && !row.closesSession ? own.filter((bar) => bar.known <= row.ts) : own).at(-1)?.known;
  });
}

export const barsOf = (rows: PostedBar[], kwargs: Record<string, any>) => {
  const placed = new Map<string, Bar[]>();
  return (symbol: string): Bar[] => {
    if (!placed.has(symbol)) placed.set(symbol, placeBars(rows, [symbol], kwargs).bars);
    return placed.get(symbol)!;
  };
};
