import type { Direction, Signal } from '../strategy/index.ts';
import { grown } from './growable.ts';
import type { SignalColumns, SignalKind, SignalRow } from './types.ts';

/** One signal in so many bars counts as frequent: the columns then grow to the most there can be in one step. */
const FREQUENT = 64;

/**
 * Emitted signals as columns: the instant, and which of the distinct signals seen so far it was. A strategy says few different things about a symbol,
 * so a quiet bar costs one comparison and two stores.
 */
export class SignalTable {
  readonly #symbols: readonly string[];
  readonly #most: number;
  readonly #sources: string[] = [];
  readonly #kinds: SignalKind[] = [];
  readonly #kindIds = new Map<string, number>();
  /** Last kind of each symbol. */
  readonly #last: Int32Array;
  #length = 0;
  #time = new Float64Array(256);
  #kind = new Int32Array(256);

  /** `most` = bars that can be decided on. */
  constructor(symbols: readonly string[], most: number) {
    this.#symbols = symbols;
    this.#most = most;
    this.#last = new Int32Array(symbols.length).fill(-1);
  }

  get length(): number {
    return this.#length;
  }

  sourceId(source: string): number {
    if (this.#sources[0] === source) return 0;
    const id = this.#sources.indexOf(source);
    return id < 0 ? this.#sources.push(source) - 1 : id;
  }

  /** Adds a signal of this symbol and returns its kind. */
  add(time: number, id: number, signal: Signal): number {
    const at = this.#length++;
    if (at === this.#time.length) this.#grow(at < this.#most && at * FREQUENT > this.#most ? this.#most : at + 1);
    let kind = this.#last[id]!;
    if (kind < 0 || !same(this.#kinds[kind]!, signal)) {
      kind = this.#kindOf(id, signal);
      this.#last[id] = kind;
    }
    this.#time[at] = time;
    this.#kind[at] = kind;
    return kind;
  }

  columns(): SignalColumns {
    return { symbols: this.#symbols, kinds: this.#kinds, length: this.#length, time: this.#time.subarray(0, this.#length), kind: this.#kind.subarray(0, this.#length) };
  }

  #kindOf(id: number, signal: Signal): number {
    const { source, direction, strength, confidence, horizonBars } = signal;
    const key = `${id} ${direction} ${strength} ${confidence} ${horizonBars} ${source}`;
    let kind = this.#kindIds.get(key);
    if (kind === undefined) {
      kind = this.#kinds.push({ symbol: id, source, direction, strength, confidence, horizonBars }) - 1;
      this.#kindIds.set(key, kind);
    }
    return kind;
  }

  #grow(length: number): void {
    this.#time = grown(this.#time, length);
    this.#kind = grown(this.#kind, length);
  }
}

function same(kind: SignalKind, signal: Signal): boolean {
  return kind.direction === signal.direction && kind.strength === signal.strength && kind.confidence === signal.confidence && kind.horizonBars === signal.horizonBars && kind.source === signal.source;
}

/** Signals row by row, in the order they were emitted. */
export function* signalRows(columns: SignalColumns): Generator<SignalRow, void, undefined> {
  for (let i = 0; i < columns.length; i++) {
    const { symbol, source, direction, strength, confidence, horizonBars } = columns.kinds[columns.kind[i]!]!;
    yield { ts: new Date(columns.time[i]!).toISOString(), vt_symbol: columns.symbols[symbol]!, direction: direction satisfies Direction, strength, confidence, horizon_bars: horizonBars, source };
  }
}
