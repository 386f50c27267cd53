import { parseDate } from '#kernel';
import { DAY_MS, type Calendar } from '../calendars/index.ts';
import type { PreparedRun, PreparedSymbol } from './prepare.ts';
import type { CorporateAction } from './types.ts';

/** Longest way from an ex-date to a session of its own: no calendar is closed for longer. */
const REACH_DAYS = 31;

/** What becomes of one held unit between two bars. `at` is an instant, ms: the step takes effect at the first slice after it. */
type Step =
  | { at: number; kind: 'split'; ratio: number }
  | { at: number; kind: 'pay'; amount: number }
  | { at: number; kind: 'close' };

/** The bars that one unit of a symbol is valued at, ascending, with the corporate actions on the way. */
export interface UnitPath {
  /** Instants at which a close becomes known, ms. */
  readonly known: Float64Array;
  /** Session dates, days since 1970. */
  readonly day: Int32Array;
  readonly close: Float64Array;
  readonly steps: readonly Step[];
}

/** The path of a symbol by the run's own rules for actions: an action takes effect after the open of the first session of its calendar on or after `ex_date`. */
export function unitPath(symbol: PreparedSymbol, run: Pick<PreparedRun, 'actions'>): UnitPath {
  const steps: Step[] = [];
  let { known, day } = symbol;
  let { close } = symbol.bars;
  for (const action of run.actions) {
    if (action.vt_symbol !== symbol.bars.vtSymbol) continue;
    const at = effectOf(action, symbol.calendar);
    if (action.type === 'split') steps.push({ at, kind: 'split', ratio: action.ratio });
    else if (action.type === 'dividend') steps.push({ at, kind: 'pay', amount: action.amount });
    else {
      steps.push({ at, kind: 'close' });
      const left = countUpTo(known, at);
      [known, day, close] = [known.subarray(0, left), day.subarray(0, left), close.subarray(0, left)];
      break;
    }
  }
  return { known, day, close, steps };
}

/** Open of the first own session on or after `ex_date`, ms. */
function effectOf({ ex_date: date }: CorporateAction, calendar: Calendar): number {
  const label = parseDate(date);
  const until = new Date(label + REACH_DAYS * DAY_MS).toISOString().slice(0, 10);
  return calendar.sessions(date, until)[0]?.open ?? label;
}

/** How many of the ascending values are not above `bound`. */
function countUpTo(values: Float64Array, bound: number): number {
  let count = values.length;
  while (count > 0 && values[count - 1]! > bound) count--;
  return count;
}

/** What one unit is worth, in currency, and what it cost. */
export interface HeldUnit {
  /** At each instant asked for; NaN before the purchase. */
  readonly value: Float64Array;
  /** Close at the purchase; NaN without one. */
  readonly price: number;
}

/**
 * One unit bought without cost at the instant `from`, at the last close known then, else at the first one known later; and its value at each of these
 * ascending instants. Splits scale it, dividends and what it is closed for stay as idle cash.
 */
export function heldUnit({ known, close, steps }: UnitPath, from: number, instants: ArrayLike<number>): HeldUnit {
  const value = new Float64Array(instants.length).fill(Number.NaN);
  let [bar, step, units, cash] = [0, 0, 0, 0];
  let [mark, price] = [Number.NaN, Number.NaN];
  const act = (action: Step): void => {
    if (action.kind === 'pay') cash += units * action.amount;
    else if (action.kind === 'split') {
      units *= action.ratio;
      mark /= action.ratio;
    } else {
      cash += units === 0 ? 0 : units * mark;
      units = 0;
      mark = Number.NaN;
    }
  };
  const buy = (): void => {
    if (price === price || !(mark > 0)) return;
    price = mark;
    units = 1;
  };
  const advance = (to: number): void => {
    for (;;) {
      const next = bar < known.length ? known[bar]! : Number.POSITIVE_INFINITY;
      const due = step < steps.length ? steps[step]!.at : Number.POSITIVE_INFINITY;
      if (due < next && due < to) act(steps[step++]!);
      else if (next <= to) {
        mark = close[bar++]!;
        if (next > from) buy();
      } else return;
    }
  };
  advance(from);
  buy();
  for (let i = 0; i < instants.length; i++) {
    if (instants[i]! < from) continue;
    advance(instants[i]!);
    if (price === price) value[i] = cash + (units === 0 ? 0 : units * mark);
  }
  return { value, price };
}
