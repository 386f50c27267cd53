import type { Account } from './account.ts';
import { grown } from './growable.ts';
import type { PreparedRun } from './prepare.ts';
import type { EquityColumns, EquityRow, PositionEntry } from './types.ts';

/** From this row on these positions and this cash. */
interface Era { row: number; cash: number; positionSet: number }

/** What metrics need of one row. */
export interface Exposure { gross: number; net: number; held: boolean }

/**
 * Equity marks, one row per slice. Stored are the equity and what changes with postings; the other columns are worked out when they are asked for, as
 * first touching memory is what a quiet bar would mostly pay for. With one symbol, instants and marks are those of its bars; with several they are kept.
 */
export class EquityTable {
  readonly #run: PreparedRun;
  readonly #single: boolean;
  #length = 0;
  #equity: Float64Array;
  #time: Float64Array;
  #gross: Float64Array;
  #net: Float64Array;
  readonly #eras: Era[] = [];
  /** What each position set changes of the one before it: positions as columns, and where those of each set end. */
  readonly #changes = { length: 0, id: new Int32Array(0), quantity: new Float64Array(0), average: new Float64Array(0) };
  readonly #changesEnd: number[] = [];
  /** By position set: the quantity of the one symbol, or how many symbols are held. */
  readonly #quantities: number[] = [];
  readonly #dayStarts: number[] = [];
  readonly #dayDates: number[] = [];
  #revision = -1;
  #positionRevision = -1;
  #day = -1;
  /** Era of the last row asked for. */
  #at = 0;

  constructor(run: PreparedRun) {
    this.#run = run;
    this.#single = run.symbols.length === 1;
    const capacity = Math.max(...run.symbols.map((symbol) => symbol.known.length - symbol.startIndex));
    this.#equity = new Float64Array(capacity);
    this.#time = new Float64Array(this.#single ? 0 : capacity);
    this.#gross = new Float64Array(this.#single ? 0 : capacity);
    this.#net = new Float64Array(this.#single ? 0 : capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Rows at which a session date begins, and the dates, days since 1970. */
  get days(): { starts: readonly number[]; dates: readonly number[] } {
    return { starts: this.#dayStarts, dates: this.#dayDates };
  }

  add(time: number, day: number, equity: number, account: Account): void {
    const at = this.#length++;
    if (at === this.#equity.length) this.#equity = grown(this.#equity, at + 1);
    this.#equity[at] = equity;
    if (account.revision !== this.#revision) this.#era(at, account);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayStarts.push(at);
      this.#dayDates.push(day);
    }
    if (this.#single) return;
    if (at === this.#time.length) this.#grow(at + 1);
    this.#time[at] = time;
    this.#gross[at] = account.gross;
    this.#net[at] = account.net;
  }

  /** Gross and net exposure at a row, and whether anything was held. Rows are best asked for in ascending order. */
  exposure(row: number): Exposure {
    const held = this.#quantities[this.#eraOf(row).positionSet] !== 0;
    if (!this.#single) return { gross: this.#gross[row]!, net: this.#net[row]!, held };
    const net = this.#value(row);
    return { gross: Math.abs(net), net, held };
  }

  columns(): EquityColumns {
    const n = this.#length;
    const equity = this.#equity.subarray(0, n);
    const first = this.#run.symbols[0]!;
    const column = (value: (row: number) => number): Float64Array => Float64Array.from(equity, (_, row) => value(row));
    const once = <T>(make: () => T): (() => T) => {
      let made: T | null = null;
      return () => (made ??= make());
    };
    const gross = once(() => (this.#single ? column((row) => Math.abs(this.#value(row))) : this.#gross.subarray(0, n)));
    const net = once(() => (this.#single ? column((row) => this.#value(row)) : this.#net.subarray(0, n)));
    const cash = once(() => column((row) => this.#eraOf(row).cash));
    const positionSet = once(() => Int32Array.from(equity, (_, row) => this.#eraOf(row).positionSet));
    const positionSets = once(() => this.#positionSets());
    const drawdown = once(() => drawdowns(equity));
    return {
      length: n, equity,
      time: this.#single ? first.known.subarray(first.startIndex, first.startIndex + n) : this.#time.subarray(0, n),
      get gross() { return gross(); },
      get net() { return net(); },
      get cash() { return cash(); },
      get positionSet() { return positionSet(); },
      get drawdown() { return drawdown(); },
      get positionSets() { return positionSets(); },
    };
  }

  #era(row: number, account: Account): void {
    this.#revision = account.revision;
    if (account.positionRevision !== this.#positionRevision) {
      this.#positionRevision = account.positionRevision;
      account.takeChanges(this.#change);
      this.#changesEnd.push(this.#changes.length);
      this.#quantities.push(this.#single ? account.quantity[0]! : account.held.length);
    }
    this.#eras.push({ row, cash: account.cashNumber, positionSet: this.#quantities.length - 1 });
  }

  readonly #change = (id: number, quantity: number, average: number): void => {
    const changes = this.#changes;
    const at = changes.length++;
    if (at === changes.id.length) {
      changes.id = grown(changes.id, at + 1);
      changes.quantity = grown(changes.quantity, at + 1);
      changes.average = grown(changes.average, at + 1);
    }
    changes.id[at] = id;
    changes.quantity[at] = quantity;
    changes.average[at] = average;
  };

  #eraOf(row: number): Era {
    if (this.#eras[this.#at]!.row > row) this.#at = 0;
    while (this.#at + 1 < this.#eras.length && this.#eras[this.#at + 1]!.row <= row) this.#at++;
    return this.#eras[this.#at]!;
  }

  #positionSets(): Record<string, PositionEntry>[] {
    const held = new Map<number, PositionEntry>();
    const { id: ids, quantity, average } = this.#changes;
    let at = 0;
    return this.#changesEnd.map((end) => {
      for (; at < end; at++)
        if (quantity[at] === 0) held.delete(ids[at]!);
        else held.set(ids[at]!, { quantity: quantity[at]!, avg_price: average[at]! });
      const set: Record<string, PositionEntry> = {};
      for (const id of [...held.keys()].sort((a, b) => a - b)) set[this.#run.symbols[id]!.bars.vtSymbol] = held.get(id)!;
      return set;
    });
  }

  /** Signed market value at a row of a run with one symbol: at the close as it was, before any later split. */
  #value(row: number): number {
    const { bars, startIndex } = this.#run.symbols[0]!;
    return this.#quantities[this.#eraOf(row).positionSet]! * bars.close[startIndex + row]!;
  }

  #grow(length: number): void {
    this.#time = grown(this.#time, length);
    this.#gross = grown(this.#gross, length);
    this.#net = grown(this.#net, length);
  }
}

function drawdowns(equity: Float64Array): Float64Array {
  const out = new Float64Array(equity.length);
  let peak = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < equity.length; i++) {
    if (equity[i]! > peak) peak = equity[i]!;
    out[i] = equity[i]! / peak - 1;
  }
  return out;
}

/** A double as it is shown: 8 decimals. */
export function shown(value: number): number {
  return Number(value.toFixed(8));
}

/** Equity rows as clients see them, oldest first. */
export function* equityRows(columns: EquityColumns): Generator<EquityRow, void, undefined> {
  const { time, equity, cash, gross, net, positionSet, positionSets, drawdown } = columns;
  for (let i = 0; i < columns.length; i++)
    yield {
      ts: new Date(time[i]!).toISOString(), equity: shown(equity[i]!), cash: shown(cash[i]!), gross: shown(gross[i]!), net: shown(net[i]!),
      positions: positionSets[positionSet[i]!]!, drawdown: drawdown[i]!,
    };
}
