import { DAY_MS, dayTexts } from '../calendars/index.ts';
import { drawdowns } from '../metrics/index.ts';
import type { Account } from './account.ts';
import { grown } from './growable.ts';
import { shown } from './shown-money.ts';
import type { PreparedRun } from './prepare.ts';
import type { EquityColumns, EquityRow, PositionEntry } from './types.ts';

/**
 * Equity marks, one row per slice. Stored are the equity and what changes with postings; the other columns are worked
 * out when they are asked for, as first touching memory is what a quiet bar would mostly pay for. With one symbol,
 * instants and marks are those of its bars; with several they are kept.
 */
export class EquityTable {
  readonly #run: PreparedRun;
  readonly #single: boolean;
  #length = 0;
  #equity: Float64Array;
  #time: Float64Array;
  #gross: Float64Array;
  #net: Float64Array;
  /** Eras: from such a row on, this cash and these positions. */
  #eras = 0;
  #eraRow = new Int32Array(0);
  #eraCash = new Float64Array(0);
  #eraSet = new Int32Array(0);
  /** What each position set changes of the one before it: positions as columns. */
  readonly #changes = { length: 0, id: new Int32Array(0), quantity: new Float64Array(0), average: new Float64Array(0) };
  #sets = 0;
  /** By position set: where its changes end, and the quantity of the one symbol, or how many symbols are held. */
  #setEnd = new Int32Array(0);
  #setQuantity = new Float64Array(0);
  #days = 0;
  #dayStart: Int32Array;
  #dayDate: Int32Array;
  #revision = -1;
  #positionRevision = -1;
  #day = -1;
  /** Era of the last row asked for. */
  #at = 0;

  constructor(run: PreparedRun) {
    this.#run = run;
    this.#single = run.symbols.length === 1;
    const capacity = Math.max(...run.symbols.map((symbol) => symbol.known.length - symbol.startIndex));
    const days = Math.min(capacity, Math.ceil((run.last - run.first) / DAY_MS) + 1);
    this.#dayStart = new Int32Array(days);
    this.#dayDate = new Int32Array(days);
    this.#equity = new Float64Array(capacity);
    this.#time = new Float64Array(this.#single ? 0 : capacity);
    this.#gross = new Float64Array(this.#single ? 0 : capacity);
    this.#net = new Float64Array(this.#single ? 0 : capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Rows at which a session date begins, and the dates, days since 1970. */
  get days(): { starts: Int32Array; dates: Int32Array } {
    return { starts: this.#dayStart.subarray(0, this.#days), dates: this.#dayDate.subarray(0, this.#days) };
  }

  add(time: number, day: number, equity: number, account: Account): void {
    const at = this.#length++;
    if (at === this.#equity.length) this.#equity = grown(this.#equity, at + 1);
    this.#equity[at] = equity;
    if (account.revision !== this.#revision) this.#era(at, account);
    if (day !== this.#day) this.#startDay(at, day);
    if (this.#single) return;
    if (at === this.#time.length) this.#grow(at + 1);
    this.#time[at] = time;
    this.#gross[at] = account.gross;
    this.#net[at] = account.net;
  }

  /** Gross and net exposure at each of these ascending rows, and whether anything was held. */
  exposures(rows: Int32Array, take: (row: number, gross: number, net: number, held: boolean) => void): void {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const net = this.#single ? this.#value(row) : this.#net[row]!;
      take(row, this.#single ? Math.abs(net) : this.#gross[row]!, net, this.#quantityAt(row) !== 0);
    }
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
    const cash = once(() => column((row) => this.#eraCash[this.#eraOf(row)]!));
    const positionSet = once(() => Int32Array.from(equity, (_, row) => this.#eraSet[this.#eraOf(row)]!));
    const positionSets = once(() => this.#positionSets());
    const drawdown = once(() => drawdowns(equity));
    const sessionDay = once(() => this.#sessionDays());
    return {
      length: n,
      equity,
      time: this.#single ? first.known.subarray(first.startIndex, first.startIndex + n) : this.#time.subarray(0, n),
      get sessionDay() {
        return sessionDay();
      },
      get gross() {
        return gross();
      },
      get net() {
        return net();
      },
      get cash() {
        return cash();
      },
      get positionSet() {
        return positionSet();
      },
      get drawdown() {
        return drawdown();
      },
      get positionSets() {
        return positionSets();
      },
    };
  }

  #sessionDays(): Int32Array {
    const { starts, dates } = this.days;
    const column = new Int32Array(this.#length);
    for (let i = 0; i < starts.length; i++) column.fill(dates[i]!, starts[i], starts[i + 1] ?? this.#length);
    return column;
  }

  #startDay(row: number, day: number): void {
    this.#day = day;
    const at = this.#days++;
    if (at === this.#dayStart.length) {
      this.#dayStart = grown(this.#dayStart, at + 1);
      this.#dayDate = grown(this.#dayDate, at + 1);
    }
    this.#dayStart[at] = row;
    this.#dayDate[at] = day;
  }

  #era(row: number, account: Account): void {
    this.#revision = account.revision;
    if (account.positionRevision !== this.#positionRevision) this.#startSet(account);
    const at = this.#eras++;
    if (at === this.#eraRow.length) {
      this.#eraRow = grown(this.#eraRow, at + 1);
      this.#eraCash = grown(this.#eraCash, at + 1);
      this.#eraSet = grown(this.#eraSet, at + 1);
    }
    this.#eraRow[at] = row;
    this.#eraCash[at] = account.cashNumber;
    this.#eraSet[at] = this.#sets - 1;
  }

  #startSet(account: Account): void {
    this.#positionRevision = account.positionRevision;
    account.takeChanges(this.#change);
    const at = this.#sets++;
    if (at === this.#setEnd.length) {
      this.#setEnd = grown(this.#setEnd, at + 1);
      this.#setQuantity = grown(this.#setQuantity, at + 1);
    }
    this.#setEnd[at] = this.#changes.length;
    this.#setQuantity[at] = this.#single ? account.quantity[0]! : account.held.length;
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

  /** Best asked for in ascending order. */
  #eraOf(row: number): number {
    if (this.#eraRow[this.#at]! > row) this.#at = 0;
    while (this.#at + 1 < this.#eras && this.#eraRow[this.#at + 1]! <= row) this.#at++;
    return this.#at;
  }

  #positionSets(): Record<string, PositionEntry>[] {
    const held = new Map<number, PositionEntry>();
    const { id: ids, quantity, average } = this.#changes;
    let at = 0;
    return Array.from(this.#setEnd.subarray(0, this.#sets), (end) => {
      for (; at < end; at++)
        if (quantity[at] === 0) held.delete(ids[at]!);
        else held.set(ids[at]!, { quantity: quantity[at]!, avg_price: average[at]! });
      const set: Record<string, PositionEntry> = {};
      for (const id of [...held.keys()].sort((a, b) => a - b))
        set[this.#run.symbols[id]!.bars.vtSymbol] = held.get(id)!;
      return set;
    });
  }

  /** Signed market value at a row of a run with one symbol: at the close as it was, before any later split. */
  #value(row: number): number {
    const { bars, startIndex } = this.#run.symbols[0]!;
    return this.#quantityAt(row) * bars.close[startIndex + row]!;
  }

  /** The quantity of the one symbol, or how many symbols are held. */
  #quantityAt(row: number): number {
    return this.#setQuantity[this.#eraSet[this.#eraOf(row)]!]!;
  }

  #grow(length: number): void {
    this.#time = grown(this.#time, length);
    this.#gross = grown(this.#gross, length);
    this.#net = grown(this.#net, length);
  }
}

/** Equity rows as clients see them, oldest first. */
export function* equityRows(columns: EquityColumns): Generator<EquityRow, void, undefined> {
  const { time, sessionDay, equity, cash, gross, net, positionSet, positionSets, drawdown } = columns;
  const dateOf = dayTexts();
  for (let i = 0; i < columns.length; i++)
    yield {
      session_date: dateOf(sessionDay[i]!),
      ts: new Date(time[i]!).toISOString(),
      equity: shown(equity[i]!),
      cash: shown(cash[i]!),
      gross: shown(gross[i]!),
      net: shown(net[i]!),
      positions: positionSets[positionSet[i]!]!,
      drawdown: drawdown[i]!,
    };
}
