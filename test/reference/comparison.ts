import { vtSymbol } from './recipe.ts';
import { openOnOrAfter, placeBars, type Bar, type PostedBar } from './slices.ts';
import type { Action } from './input.ts';

/**
 * The one valuation (ADR 22): one unit bought without cost and held, splits scale it, dividends and pay-outs stay as
 * idle cash.
 */
export interface Held {
  /** Bars of every symbol that the unit may become, by symbol, and the kwargs of the run. */
  bars: (symbol: string) => Bar[];
  actions: Action[];
  kwargs: Record<string, any>;
}

const RANK = { dividend: 0, split: 1, rename: 2, merger: 3, delisting: 4 };

type Due = Action & { symbol: string; opens: number };
/** Actions in the order in which they fall due. */
const dueActions = ({ actions, kwargs }: Held): Due[] =>
  actions
    .filter((action) => kwargs.normalization === 'raw' || (action.type !== 'split' && action.type !== 'dividend'))
    .map((action) => ({
      ...action,
      symbol: vtSymbol(action.vt_symbol),
      opens: openOnOrAfter(vtSymbol(action.vt_symbol), action.ex_date, kwargs),
    }))
    .sort(
      (a, b) =>
        a.opens - b.opens || (a.ex_date < b.ex_date ? -1 : a.ex_date > b.ex_date ? 1 : RANK[a.type] - RANK[b.type]),
    );

/** What a symbol becomes by an action that takes it away: another one that the run has, or null. */
function heirOf(held: Held, action: Due, gone: Set<string>): string | null {
  const next = action.new_vt_symbol === undefined ? null : vtSymbol(action.new_vt_symbol);
  return next !== null && next !== action.symbol && !gone.has(next) && held.bars(next).length > 0 ? next : null;
}

/**
 * What one unit of `symbol`, bought at `from` at the last close known then, else at the first one known later, is worth
 * at `at`, and what it cost. Null before.
 */
export function unitValue(
  held: Held,
  symbol: string,
  from: number,
  at: number,
): { cost: number; value: number } | null {
  let name: string | null = symbol;
  let mark = Number.NaN;
  let [units, cash, cost] = [0, 0, Number.NaN];
  let read = Number.NEGATIVE_INFINITY;
  const gone = new Set<string>();
  const buy = (): void => {
    if (!Number.isNaN(cost) || Number.isNaN(mark)) return;
    cost = mark;
    units = 1;
  };
  const closes = (until: number): void => {
    if (name === null) return;
    for (const bar of held.bars(name).filter(({ known }) => known > read && known <= until)) {
      if (bar.known > from) buy();
      mark = bar.close;
      if (bar.known > from) buy();
    }
    read = Math.max(read, until);
  };
  for (const action of dueActions(held).filter(({ opens }) => opens < at)) {
    const leaves = action.type !== 'split' && action.type !== 'dividend';
    if (action.symbol === name) {
      closes(action.opens);
      if (action.opens >= from) buy();
      if (action.type === 'dividend') cash += units * action.amount!;
      else if (action.type === 'split') {
        units *= action.ratio!;
        mark /= action.ratio!;
      } else {
        const heir = heirOf(held, action, gone);
        const own =
          heir === null
            ? undefined
            : held
                .bars(heir)
                .filter(({ known }) => known <= action.opens)
                .at(-1);
        if (heir !== null) {
          cash += units * (action.amount ?? 0);
          units *= action.ratio ?? 1;
          mark = own?.close ?? mark / (action.ratio ?? 1);
        } else {
          cash +=
            units === 0
              ? 0
              : units * (action.type === 'merger' && action.new_vt_symbol === undefined ? action.amount! : mark);
          units = 0;
          mark = Number.NaN;
        }
        name = heir;
        read = Math.max(read, action.opens);
      }
    }
    if (leaves) gone.add(action.symbol);
  }
  closes(at);
  if (from <= at) buy();
  return Number.isNaN(cost) ? null : { cost, value: cash + (units === 0 ? 0 : units * mark) };
}

const DAY = 86_400_000;
/** Periods are named by their session date, weeks by their Monday. */
export function periodOf(session: string, interval: string): string {
  if (interval !== '1w') return session;
  const day = Date.parse(session);
  return new Date(day - ((new Date(day).getUTCDay() + 6) % 7) * DAY).toISOString().slice(0, 10);
}

export interface PeriodRow {
  ts: number;
  session: string;
}
/**
 * Instants between which the series closed in each period of the run, null where it did not close at both ends. A
 * period within one date begins with what is known by then.
 */
export function pairsOf(
  bars: Bar[],
  rows: PeriodRow[],
  kwargs: Record<string, any>,
): ({ from: number; to: number } | null)[] {
  const at = (row: PeriodRow, until: number): number | undefined => {
    if (kwargs.metrics_freq === 'bar') return bars.find((bar) => bar.known === row.ts)?.known;
    return bars
      .filter(
        (bar) =>
          periodOf(bar.session, kwargs.interval) === periodOf(row.session, kwargs.interval) && bar.known <= until,
      )
      .at(-1)?.known;
  };
  return rows.slice(1).map((row, i) => {
    const earlier = rows[i]!;
    const within = periodOf(earlier.session, kwargs.interval) === periodOf(row.session, kwargs.interval);
    const [from, to] = [at(earlier, within ? earlier.ts : Number.POSITIVE_INFINITY), at(row, Number.POSITIVE_INFINITY)];
    return from === undefined || to === undefined ? null : { from, to };
  });
}

/**
 * The bars that the series closes with: of a symbol that leaves, those up to then, and then those of what it becomes.
 */
export function lineBars(held: Held, symbol: string): Bar[] {
  const line: Bar[] = [];
  let name: string | null = symbol;
  let since = Number.NEGATIVE_INFINITY;
  const gone = new Set<string>();
  for (const action of dueActions(held).filter(({ type }) => type !== 'split' && type !== 'dividend')) {
    if (action.symbol === name) {
      line.push(...held.bars(name).filter((bar) => bar.known > since && bar.known <= action.opens));
      name = heirOf(held, action, gone);
      since = action.opens;
    }
    gone.add(action.symbol);
  }
  return name === null ? line : [...line, ...held.bars(name).filter((bar) => bar.known > since)];
}

export const barsOf = (rows: PostedBar[], kwargs: Record<string, any>) => {
  const placed = new Map<string, Bar[]>();
  return (symbol: string): Bar[] => {
    if (!placed.has(symbol)) placed.set(symbol, placeBars(rows, [symbol], kwargs).bars);
    return placed.get(symbol)!;
  };
};
