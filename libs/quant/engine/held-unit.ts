import type { BacktestKwargs } from '../recipe/index.ts';
import { effectOf } from './due-actions.ts';
import type { PreparedRun, PreparedSymbol } from './prepare.ts';

/**
 * What becomes of one held unit at the first slice after the instant `at`, ms: `paid` in cash, then `ratio` new units
 * for it, worth `mark` each; without a mark of their own (NaN) what the old ones were worth. Ratio 0 ends it, for the
 * last close where nothing is `paid`.
 */
interface Step {
  readonly at: number;
  readonly paid?: number;
  readonly ratio: number;
  readonly mark: number;
}

/** The bars that one unit of a symbol is valued at, ascending, with the corporate actions on the way. */
export interface UnitPath {
  /** Instants at which a close becomes known, ms. */
  readonly known: Float64Array;
  /** Session dates, days since 1970. */
  readonly day: Int32Array;
  readonly close: Float64Array;
  readonly steps: readonly Step[];
}

const NO_MARK = Number.NaN;

/**
 * The path of a unit of this symbol, by the run's own rules for actions: a rename or merger goes on in the heir, where
 * the run has it and it trades.
 */
export function unitPath(
  symbol: PreparedSymbol,
  run: Pick<PreparedRun, 'actions' | 'symbols' | 'benchmark'>,
  options: Pick<BacktestKwargs, 'interval' | 'extended_hours'>,
): UnitPath {
  const line = new Line(symbol);
  const gone = new Set<string>();
  const heirOf = (name: string | undefined): PreparedSymbol | undefined =>
    name === undefined || gone.has(name) || name === line.name
      ? undefined
      : [...run.symbols, ...(run.benchmark ? [run.benchmark] : [])].find(({ bars }) => bars.vtSymbol === name);
  for (const action of run.actions) {
    if (action.vt_symbol === line.name && !gone.has(line.name)) {
      const at = effectOf(action, line.symbol, options);
      if (action.type === 'split') line.steps.push({ at, ratio: action.ratio, mark: NO_MARK });
      else if (action.type === 'dividend') line.steps.push({ at, paid: action.amount, ratio: 1, mark: NO_MARK });
      else {
        gone.add(line.name);
        const {
          new_vt_symbol: name,
          ratio = 1,
          amount,
        } = { new_vt_symbol: undefined, ratio: undefined, amount: undefined, ...action };
        const heir = heirOf(name);
        if (heir) line.goOn(heir, { at, paid: amount, ratio });
        else line.end({ at, paid: name === undefined ? amount : undefined });
      }
    } else if (action.type !== 'split' && action.type !== 'dividend') gone.add(action.vt_symbol);
  }
  return line;
}

/** A path while it is laid. */
class Line implements UnitPath {
  symbol: PreparedSymbol;
  known: Float64Array;
  day: Int32Array;
  close: Float64Array;
  readonly steps: Step[] = [];

  constructor(symbol: PreparedSymbol) {
    this.symbol = symbol;
    this.known = symbol.known;
    this.day = symbol.day;
    this.close = symbol.bars.close;
  }

  get name(): string {
    return this.symbol.bars.vtSymbol;
  }

  end({ at, paid }: Pick<Step, 'at' | 'paid'>): void {
    this.#cut(at);
    this.steps.push({ at, paid, ratio: 0, mark: NO_MARK });
  }

  /**
   * In the bars of the heir that are known later. Where it had none in the run so far, its mark goes on from what the
   * old unit was worth.
   */
  goOn(heir: PreparedSymbol, { at, paid, ratio }: Pick<Step, 'at' | 'paid' | 'ratio'>): void {
    this.#cut(at);
    const before = countUpTo(heir.known, at);
    this.steps.push({ at, paid, ratio, mark: before > heir.startIndex ? heir.bars.close[before - 1]! : NO_MARK });
    this.known = joined(this.known, heir.known.subarray(before));
    this.day = joined(this.day, heir.day.subarray(before));
    this.close = joined(this.close, heir.bars.close.subarray(before));
    this.symbol = heir;
  }

  #cut(at: number): void {
    const left = countUpTo(this.known, at);
    this.known = this.known.subarray(0, left);
    this.day = this.day.subarray(0, left);
    this.close = this.close.subarray(0, left);
  }
}

function joined<T extends Float64Array | Int32Array>(head: T, tail: T): T {
  const whole = new (head.constructor as new (length: number) => T)(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
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
 * One unit bought without cost at the instant `from`, at the last close known then, else at the first one known later;
 * and its value at each of these ascending instants. Splits scale it, dividends and what it is closed for stay as idle
 * cash.
 */
export function heldUnit({ known, close, steps }: UnitPath, from: number, instants: ArrayLike<number>): HeldUnit {
  const value = new Float64Array(instants.length).fill(Number.NaN);
  let [bar, step, units, cash] = [0, 0, 0, 0];
  let [mark, price] = [Number.NaN, Number.NaN];
  const act = (action: Step): void => {
    cash += units * (action.paid ?? 0);
    if (action.ratio === 0) {
      if (action.paid === undefined && units > 0) cash += units * mark;
      units = 0;
      mark = Number.NaN;
    } else {
      units *= action.ratio;
      mark = Number.isNaN(action.mark) ? mark / action.ratio : action.mark;
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
