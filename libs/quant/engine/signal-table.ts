import type { Direction, Signal } from '../strategy/index.ts';
import { BacktestFailure } from './failure.ts';
import { grown } from './growable.ts';
import type { SignalColumns, SignalKind, SignalRow } from './types.ts';

/** One signal in so many bars counts as frequent: the columns then grow to the most there can be in one step. */
const FREQUENT = 64;

/**
 * Emitted signals: which of the distinct signals seen so far, and whether at a new equity row. A strategy says few
 * different things about a symbol, so a quiet bar costs one comparison and four bytes.
 */
export class SignalTable {
  readonly #symbols: readonly string[];
  readonly #most: number;
  readonly #sources: string[] = [];
  readonly #kinds: SignalKind[] = [];
  readonly #kindIds = new Map<string, number>();
  /** Last kind of each symbol, and the one before it: most strategies change between two. */
  readonly #last: Int32Array;
  readonly #previous: Int32Array;
  #length = 0;
  /** kind·2, +1 where the signal belongs to the row after the previous signal's. */
  #codes = new Int32Array(256);
  /** Where rows were left out: index of the signal, and its row. */
  readonly #jumps: { at: number; row: number }[] = [];
  #row = -1;

  /** `most` = bars that can be decided on. */
  constructor(symbols: readonly string[], most: number) {
    this.#symbols = symbols;
    this.#most = most;
    this.#last = new Int32Array(symbols.length).fill(-1);
    this.#previous = new Int32Array(symbols.length).fill(-1);
  }

  get length(): number {
    return this.#length;
  }

  sourceId(source: string): number {
    if (this.#sources[0] === source) return 0;
    const id = this.#sources.indexOf(source);
    return id < 0 ? this.#sources.push(source) - 1 : id;
  }

  /**
   * Adds a signal of this symbol, given at this equity row, and returns its kind: equal kinds, equal signals of one
   * symbol. Throws `bad_input` outside 0..1.
   */
  add(row: number, id: number, signal: Signal): number {
    const at = this.#length++;
    if (at === this.#codes.length)
      this.#codes = grown(this.#codes, at < this.#most && at * FREQUENT > this.#most ? this.#most : at + 1);
    let kind = this.#last[id]!;
    if (kind < 0 || !same(this.#kinds[kind]!, signal)) {
      const previous = this.#previous[id]!;
      this.#previous[id] = kind;
      kind = previous >= 0 && same(this.#kinds[previous]!, signal) ? previous : this.#kindOf(id, signal);
      this.#last[id] = kind;
    }
    const step = row - this.#row;
    this.#row = row;
    if (step > 1) this.#jumps.push({ at, row });
    this.#codes[at] = kind * 2 + (step === 1 ? 1 : 0);
    return kind;
  }

  /** `instants` = instant of each equity row, ms. Columns are made when they are asked for. */
  columns(instants: Float64Array): SignalColumns {
    const made: { time?: Float64Array; kind?: Int32Array } = {};
    const make = (): { time: Float64Array; kind: Int32Array } => {
      made.time = new Float64Array(this.#length);
      made.kind = new Int32Array(this.#length);
      let row = -1;
      let jump = 0;
      for (let i = 0; i < this.#length; i++) {
        if (this.#jumps[jump]?.at === i) row = this.#jumps[jump++]!.row;
        else row += this.#codes[i]! & 1;
        made.time[i] = instants[row]!;
        made.kind[i] = this.#codes[i]! >> 1;
      }
      return { time: made.time, kind: made.kind };
    };
    return {
      symbols: this.#symbols,
      kinds: this.#kinds,
      length: this.#length,
      get time() {
        return made.time ?? make().time;
      },
      get kind() {
        return made.kind ?? make().kind;
      },
    };
  }

  #kindOf(id: number, signal: Signal): number {
    const { source, direction, strength, confidence, horizonBars } = signal;
    const key = `${id} ${direction} ${strength} ${confidence} ${horizonBars} ${source}`;
    let kind = this.#kindIds.get(key);
    if (kind === undefined) {
      if (!(strength >= 0 && strength <= 1 && confidence >= 0 && confidence <= 1))
        throw new BacktestFailure(
          'bad_input',
          `The alpha gave a strength or confidence outside 0..1 for ${signal.vtSymbol}.`,
        );
      kind = this.#kinds.push({ symbol: id, source, direction, strength, confidence, horizonBars }) - 1;
      this.#kindIds.set(key, kind);
    }
    return kind;
  }
}

function same(kind: SignalKind, signal: Signal): boolean {
  return (
    kind.direction === signal.direction &&
    kind.strength === signal.strength &&
    kind.confidence === signal.confidence &&
    kind.horizonBars === signal.horizonBars &&
    kind.source === signal.source
  );
}

/** Signals row by row, in the order they were emitted. */
export function* signalRows(columns: SignalColumns): Generator<SignalRow, void, undefined> {
  const { time, kind, kinds } = columns;
  for (let i = 0; i < columns.length; i++) {
    const { symbol, source, direction, strength, confidence, horizonBars } = kinds[kind[i]!]!;
    yield {
      ts: new Date(time[i]!).toISOString(),
      vt_symbol: columns.symbols[symbol]!,
      direction: direction satisfies Direction,
      strength,
      confidence,
      horizon_bars: horizonBars,
      source,
    };
  }
}
