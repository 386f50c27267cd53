import { parseDate } from '#kernel';
import { INTERVAL_MS } from '../bars/index.ts';
import { DAY_MS, firstOpenFrom } from '../calendars/index.ts';
import type { BacktestKwargs } from '../recipe/index.ts';
import type { PreparedSymbol } from './prepare.ts';
import type { CorporateAction } from './types.ts';

/** A corporate action of a symbol of the run. */
export interface DueAction {
  readonly action: CorporateAction;
  readonly id: number;
  /** Open of the session in which it takes effect, ms: what was known by then is of before it. */
  readonly effective: number;
  /** First instant of a slice that can post it. */
  readonly from: number;
}

/**
 * Open of the session in which an action of this symbol takes effect, ms: the first of its own calendar on or after
 * `ex_date`, or its own bar on a date without one.
 */
export function effectOf(
  { ex_date: date }: CorporateAction,
  { calendar, day, opened }: PreparedSymbol,
  { interval, extended_hours: extended }: Pick<BacktestKwargs, 'interval' | 'extended_hours'>,
): number {
  const hours = extended && INTERVAL_MS[interval] !== undefined ? 'extended' : 'regular';
  const ex = parseDate(date) / DAY_MS;
  const own = day.findIndex((at) => at >= ex);
  return Math.min(firstOpenFrom(calendar, ex, hours), own < 0 ? Number.POSITIVE_INFINITY : opened[own]!);
}

/**
 * When the actions of a run's symbols are posted: at the first slice after the open of the first session of the
 * symbol's own calendar on or after `ex_date`, but not before the symbol's first bar. A bar of its own on a date
 * without a session (LOCAL) counts as one.
 */
export class DueActions {
  /** Earliest instant at which one is due; Infinity when none is left. */
  next = Number.POSITIVE_INFINITY;
  #left: DueAction[] = [];

  constructor(actions: readonly CorporateAction[], symbols: readonly PreparedSymbol[], options: BacktestKwargs) {
    const ids = new Map(symbols.map((symbol, id) => [symbol.bars.vtSymbol, id]));
    for (const action of actions) {
      const id = ids.get(action.vt_symbol);
      if (id === undefined) continue;
      const effective = effectOf(action, symbols[id]!, options);
      this.#left.push({ action, id, effective, from: Math.max(effective + 1, symbols[id]!.known[0]!) });
    }
    this.#look();
  }

  /** Not posted so far. */
  get left(): readonly DueAction[] {
    return this.#left;
  }

  /** Takes those that are due at this instant. */
  take(now: number): DueAction[] {
    if (now < this.next) return [];
    const due = this.#left.filter(({ from }) => from <= now);
    this.#left = this.#left.filter(({ from }) => from > now);
    this.#look();
    return due;
  }

  #look(): void {
    this.next = this.#left.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY);
  }
}
