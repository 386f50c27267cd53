import type { Signal } from '../strategy/index.ts';
import type { SignalTable } from './signal-table.ts';

interface Slot {
  /** A copy that `construct` sees; alphas reuse theirs. */
  signal: Signal;
  /** Index of the symbol's bar at which it expires. */
  expires: number;
}

/**
 * How long signals stand, trading.md 7.1: a signal of bar k stands in the decisions of that symbol's bars k..k+h−1, or
 * until its source supersedes it. `revision` rises whenever the set, or a direction, strength or confidence in it,
 * changes.
 */
export class ActiveSignals {
  revision = 0;
  readonly #table: SignalTable;
  readonly #symbols: number;
  readonly #slots: (Slot | undefined)[] = [];
  readonly #perSymbol: Int32Array;
  /** Kind of the symbol's newest signal while it stands; −1 when none does. */
  readonly #lastKind: Int32Array;
  #expiring = 0;
  #list: Signal[] = [];
  #listed = 0;

  constructor(table: SignalTable, symbols: number) {
    this.#table = table;
    this.#symbols = symbols;
    this.#perSymbol = new Int32Array(symbols);
    this.#lastKind = new Int32Array(symbols).fill(-1);
  }

  /** Active signals by symbol, then source. */
  get list(): readonly Signal[] {
    if (this.#listed !== this.revision) this.#relist();
    return this.#list;
  }

  #relist(): void {
    this.#listed = this.revision;
    const list: Signal[] = [];
    for (let id = 0; id < this.#symbols; id++) {
      if (this.#perSymbol[id] === 0) continue;
      for (let key = id; key < this.#slots.length; key += this.#symbols) {
        const slot = this.#slots[key];
        if (slot !== undefined) list.push(slot.signal);
      }
    }
    this.#list = list;
  }

  /** Some signal has a horizon. */
  get expiring(): boolean {
    return this.#expiring > 0;
  }

  /** `kind` is the signal's in the table, `bar` the index of the symbol's bar that it was given at. */
  put(id: number, signal: Signal, kind: number, bar: number): void {
    if (this.#lastKind[id] === kind && signal.horizonBars === null) return;
    this.#lastKind[id] = kind;
    const key = this.#table.sourceId(signal.source) * this.#symbols + id;
    const slot = this.#slots[key];
    const expires = signal.horizonBars === null ? Number.POSITIVE_INFINITY : bar + signal.horizonBars;
    if (slot === undefined) {
      while (this.#slots.length < key) this.#slots.push(undefined);
      this.#slots[key] = { signal: { ...signal, id }, expires };
      this.#perSymbol[id]!++;
      if (signal.horizonBars !== null) this.#expiring++;
      this.revision++;
      return;
    }
    const before = slot.signal;
    if (slot.expires !== expires) {
      this.#expiring += Number(signal.horizonBars !== null) - Number(before.horizonBars !== null);
      slot.expires = expires;
    }
    if (
      before.direction === signal.direction &&
      before.strength === signal.strength &&
      before.confidence === signal.confidence &&
      before.horizonBars === signal.horizonBars
    )
      return;
    slot.signal = { ...signal, id };
    this.revision++;
  }

  /** Ends the signals of a symbol whose time is up at this bar; true when that was its last one. */
  expire(id: number, bar: number): boolean {
    if (this.#perSymbol[id] === 0) return false;
    return this.#end(id, (slot) => slot.expires <= bar);
  }

  /** Ends every signal of a symbol; true when there was one. */
  drop(id: number): boolean {
    return this.#perSymbol[id]! > 0 && this.#end(id, () => true);
  }

  #end(id: number, over: (slot: Slot) => boolean): boolean {
    let ended = false;
    this.#lastKind[id] = -1;
    for (let key = id; key < this.#slots.length; key += this.#symbols) {
      const slot = this.#slots[key];
      if (slot === undefined || !over(slot)) continue;
      this.#slots[key] = undefined;
      this.#perSymbol[id]!--;
      if (slot.signal.horizonBars !== null) this.#expiring--;
      this.revision++;
      ended = true;
    }
    return ended && this.#perSymbol[id] === 0;
  }
}
