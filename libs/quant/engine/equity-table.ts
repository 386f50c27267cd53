import type { Account } from './account.ts';
import { grown } from './growable.ts';
import type { EquityColumns, EquityRow, PositionEntry } from './types.ts';

/** Equity marks as columns, one row per slice. */
export class EquityTable {
  #length = 0;
  #time: Float64Array;
  #equity: Float64Array;
  #cash: Float64Array;
  #gross: Float64Array;
  #net: Float64Array;
  #positionSet: Int32Array;
  #day: Int32Array;
  #sets: Record<string, PositionEntry>[] = [];
  #revision = -1;

  constructor(capacity: number) {
    this.#time = new Float64Array(capacity);
    this.#equity = new Float64Array(capacity);
    this.#cash = new Float64Array(capacity);
    this.#gross = new Float64Array(capacity);
    this.#net = new Float64Array(capacity);
    this.#positionSet = new Int32Array(capacity);
    this.#day = new Int32Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  add(time: number, day: number, equity: number, account: Account): void {
    const at = this.#length++;
    if (at === this.#time.length) this.#grow(at + 1);
    if (account.revision !== this.#revision) {
      this.#revision = account.revision;
      this.#sets.push(account.positions().entries);
    }
    this.#time[at] = time;
    this.#day[at] = day;
    this.#equity[at] = equity;
    this.#cash[at] = account.cashNumber;
    this.#gross[at] = account.gross;
    this.#net[at] = account.net;
    this.#positionSet[at] = this.#sets.length - 1;
  }

  /** Session dates of the rows, days since 1970. */
  days(): Int32Array {
    return this.#day.subarray(0, this.#length);
  }

  columns(): EquityColumns {
    const n = this.#length;
    const equity = this.#equity.subarray(0, n);
    const drawdown = new Float64Array(n);
    let peak = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      if (equity[i]! > peak) peak = equity[i]!;
      drawdown[i] = equity[i]! / peak - 1;
    }
    return { length: n, time: this.#time.subarray(0, n), equity, cash: this.#cash.subarray(0, n), gross: this.#gross.subarray(0, n), net: this.#net.subarray(0, n), drawdown, positionSet: this.#positionSet.subarray(0, n), positionSets: this.#sets };
  }

  #grow(length: number): void {
    this.#time = grown(this.#time, length);
    this.#equity = grown(this.#equity, length);
    this.#cash = grown(this.#cash, length);
    this.#gross = grown(this.#gross, length);
    this.#net = grown(this.#net, length);
    this.#positionSet = grown(this.#positionSet, length);
    this.#day = grown(this.#day, length);
  }
}

/** A double as it is shown: 8 decimals. */
export function shown(value: number): number {
  return Number(value.toFixed(8));
}

/** Equity rows as clients see them, oldest first. */
export function* equityRows(columns: EquityColumns): Generator<EquityRow, void, undefined> {
  for (let i = 0; i < columns.length; i++)
    yield {
      ts: new Date(columns.time[i]!).toISOString(),
      equity: shown(columns.equity[i]!),
      cash: shown(columns.cash[i]!),
      gross: shown(columns.gross[i]!),
      net: shown(columns.net[i]!),
      positions: columns.positionSets[columns.positionSet[i]!]!,
      drawdown: columns.drawdown[i]!,
    };
}
