import { lastSessionBefore, type Calendar } from '../calendars/index.ts';
import type { Field, Panel, Slice } from '../strategy/index.ts';
import { LookAheadError } from './failure.ts';
import type { PreparedRun } from './prepare.ts';

type Columns = Record<Field, Float64Array>;

/**
 * Bars as they become known. Symbols are dense ids in code-point order; the bar of a slice joins the history at
 * `append`.
 */
export class Market implements Panel {
  readonly symbols: readonly string[];
  /** JSON text of each symbol, for the event log. */
  readonly symbolTexts: readonly string[];
  readonly known: readonly Float64Array[];
  /** Instant at which each bar opens, ms. */
  readonly opened: readonly Float64Array[];
  readonly day: readonly Int32Array[];
  readonly flags: readonly Uint8Array[];
  readonly calendars: readonly Calendar[];
  /** Bars known so far. */
  readonly count: Int32Array;
  /** Last close, NaN before the first bar. */
  readonly mark: Float64Array;
  /** 1 for a symbol that was delisted. */
  readonly removed: Uint8Array;
  readonly slice: MarketSlice;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #columns: Columns[];
  readonly #copied: boolean[];
  readonly #next: Float64Array;
  /** Bars that were history at the start. */
  readonly #start: Int32Array;

  constructor(run: PreparedRun) {
    const { symbols } = run;
    this.symbols = symbols.map((symbol) => symbol.bars.vtSymbol);
    this.symbolTexts = this.symbols.map((symbol) => JSON.stringify(symbol));
    this.#ids = new Map(this.symbols.map((symbol, id) => [symbol, id]));
    this.known = symbols.map((symbol) => symbol.known);
    this.opened = symbols.map((symbol) => symbol.opened);
    this.day = symbols.map((symbol) => symbol.day);
    this.flags = symbols.map((symbol) => symbol.flags);
    this.calendars = symbols.map((symbol) => symbol.calendar);
    this.#columns = symbols.map(({ bars }) => ({
      open: bars.open,
      high: bars.high,
      low: bars.low,
      close: bars.close,
      volume: bars.volume,
    }));
    this.#copied = symbols.map(() => false);
    this.count = Int32Array.from(symbols, (symbol) => symbol.startIndex);
    this.mark = Float64Array.from(symbols, (symbol) =>
      symbol.startIndex === 0 ? Number.NaN : symbol.bars.close[symbol.startIndex - 1]!,
    );
    this.#next = Float64Array.from(symbols, (symbol) => symbol.known[symbol.startIndex] ?? Number.POSITIVE_INFINITY);
    this.#start = this.count.slice();
    this.removed = new Uint8Array(symbols.length);
    this.slice = new MarketSlice(
      this.symbols,
      symbols.map((symbol) => symbol.bars.time),
      this.#columns,
    );
  }

  idOf(vtSymbol: string): number | undefined {
    return this.#ids.get(vtSymbol);
  }

  column(id: number, field: Field): Float64Array {
    return this.#columns[id]![field];
  }

  columns(id: number): Readonly<Columns> {
    return this.#columns[id]!;
  }

  /** There is no further bar. */
  get ended(): boolean {
    const next = this.#next;
    for (let id = 0; id < next.length; id++) if (next[id]! !== Number.POSITIVE_INFINITY) return false;
    return true;
  }

  /** Latest session date of the bars in the slice, at least `since`; days since 1970. */
  latestDay(since: number): number {
    const slice = this.slice;
    let latest = since;
    for (let k = 0; k < slice.size; k++) {
      const day = this.day[slice.ids[k]!]![slice.indexes[k]!]!;
      if (day > latest) latest = day;
    }
    return latest;
  }

  /**
   * Moves to the next instant at which a bar becomes known; false at the end. The bars are in `slice`, not yet in the
   * history.
   */
  advance(): boolean {
    const next = this.#next;
    if (next.length === 1) return this.#advanceOne();
    let now = Number.POSITIVE_INFINITY;
    for (let id = 0; id < next.length; id++) if (next[id]! < now) now = next[id]!;
    if (now === Number.POSITIVE_INFINITY) return false;
    const slice = this.slice;
    slice.now = now;
    slice.size = 0;
    for (let id = 0; id < next.length; id++) {
      if (next[id]! !== now) continue;
      const index = this.count[id]!;
      slice.ids[slice.size] = id;
      slice.positions[id] = slice.size;
      slice.indexes[slice.size++] = index;
      const known = this.known[id]!;
      next[id] = index + 1 < known.length ? known[index + 1]! : Number.POSITIVE_INFINITY;
    }
    return true;
  }

  #advanceOne(): boolean {
    const now = this.#next[0]!;
    if (now === Number.POSITIVE_INFINITY) return false;
    const slice = this.slice;
    const index = this.count[0]!;
    slice.now = now;
    slice.size = 1;
    slice.ids[0] = 0;
    slice.indexes[0] = index;
    const known = this.known[0]!;
    this.#next[0] = index + 1 < known.length ? known[index + 1]! : Number.POSITIVE_INFINITY;
    return true;
  }

  /** After `count` of a run with one symbol was moved on: the bar from which `advance` goes on. */
  resume(): void {
    this.#next[0] = this.known[0]![this.count[0]!] ?? Number.POSITIVE_INFINITY;
  }

  /** The bars of the slice join the history and set the marks. */
  append(): void {
    const slice = this.slice;
    for (let k = 0; k < slice.size; k++) {
      const id = slice.ids[k]!;
      const index = slice.indexes[k]!;
      this.count[id] = index + 1;
      this.mark[id] = this.#columns[id]!.close[index]!;
    }
  }

  /** The symbol trades no more. */
  remove(id: number): void {
    this.#next[id] = Number.POSITIVE_INFINITY;
    this.removed[id] = 1;
  }

  /**
   * Date, days since 1970, of the session in which a symbol stands at the slice: the last one of its own calendar that
   * opened before it.
   */
  sessionDay(id: number, hours: 'regular' | 'extended'): number {
    const k = this.slice.find(id);
    const bars = k < 0 ? this.count[id]! : this.slice.indexes[k]! + 1;
    // LOCAL has bars on dates without a session.
    const own = bars === 0 ? Number.NEGATIVE_INFINITY : this.day[id]![bars - 1]!;
    return Math.max(own, lastSessionBefore(this.calendars[id]!, this.slice.now, hours));
  }

  /** A copy of the last `n` values known at `now`, oldest first. */
  history(id: number, n: number, field: Field, until: number): Float64Array {
    if (!Number.isInteger(n) || n < 0) throw new LookAheadError(`history takes a whole number of past bars, not ${n}.`);
    if (until > this.slice.now)
      throw new LookAheadError(
        `history was asked for ${this.symbols[id]} up to ${new Date(until).toISOString()}, which is after now.`,
      );
    let end = this.count[id]!;
    if (until < this.slice.now) while (end > 0 && this.known[id]![end - 1]! > until) end--;
    return this.#columns[id]![field].slice(Math.max(0, end - n), end);
  }

  /**
   * What is held of one symbol is held of its heir, `ratio` for one: where the heir had no bar in this run, its mark
   * goes on from the other's.
   */
  inherit(id: number, heir: number, ratio: number): void {
    const mark = this.mark[id]!;
    if (this.count[heir] === this.#start[heir] && mark > 0) this.mark[heir] = mark / ratio;
  }

  /**
   * A split effective at this instant (ms): the bars known by then are rescaled, price/ratio and volume·ratio, and the
   * mark that stems from them.
   */
  rescale(id: number, ratio: number, effective: number): void {
    const known = this.known[id]!;
    let count = this.count[id]!;
    while (count > 0 && known[count - 1]! > effective) count--;
    if (count === 0) return;
    if (!this.#copied[id]) {
      const columns = this.#columns[id]!;
      for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) columns[field] = columns[field].slice();
      this.#copied[id] = true;
    }
    const columns = this.#columns[id]!;
    for (const field of ['open', 'high', 'low', 'close'] as const)
      for (let i = 0; i < count; i++) columns[field][i]! /= ratio;
    for (let i = 0; i < count; i++) columns.volume[i]! *= ratio;
    if (count === this.count[id]) this.mark[id]! /= ratio;
  }
}

/** The bars of one instant. One object for the whole run. */
export class MarketSlice implements Slice {
  now = 0;
  size = 0;
  readonly ids: Int32Array;
  readonly indexes: Int32Array;
  /** By id: where the symbol stands or last stood in a slice. */
  readonly positions: Int32Array;
  readonly #symbols: readonly string[];
  readonly #labels: readonly Float64Array[];
  readonly #columns: readonly Columns[];

  constructor(symbols: readonly string[], labels: readonly Float64Array[], columns: readonly Columns[]) {
    this.#symbols = symbols;
    this.#labels = labels;
    this.#columns = columns;
    this.ids = new Int32Array(symbols.length);
    this.indexes = new Int32Array(symbols.length);
    this.positions = new Int32Array(symbols.length);
  }

  /** Position of a symbol in the slice, −1 when it has no bar now. */
  find(id: number): number {
    const k = this.positions[id]!;
    return k < this.size && this.ids[k] === id ? k : -1;
  }

  id(k: number): number {
    return this.ids[k]!;
  }

  symbol(k: number): string {
    return this.#symbols[this.ids[k]!]!;
  }

  label(k: number): number {
    return this.#labels[this.ids[k]!]![this.indexes[k]!]!;
  }

  barIndex(k: number): number {
    return this.indexes[k]!;
  }

  open(k: number): number {
    return this.#columns[this.ids[k]!]!.open[this.indexes[k]!]!;
  }

  high(k: number): number {
    return this.#columns[this.ids[k]!]!.high[this.indexes[k]!]!;
  }

  low(k: number): number {
    return this.#columns[this.ids[k]!]!.low[this.indexes[k]!]!;
  }

  close(k: number): number {
    return this.#columns[this.ids[k]!]!.close[this.indexes[k]!]!;
  }

  volume(k: number): number {
    return this.#columns[this.ids[k]!]!.volume[this.indexes[k]!]!;
  }
}
