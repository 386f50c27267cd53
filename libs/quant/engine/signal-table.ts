import type { Direction, Signal } from '../strategy/index.ts';
import { grown } from './growable.ts';
import type { SignalColumns, SignalRow } from './types.ts';

const DIRECTIONS: readonly Direction[] = ['short', 'flat', 'long'];

/** One signal in so many bars counts as frequent. */
const FREQUENT = 64;

/** Emitted signals as columns. */
export class SignalTable {
  readonly #symbols: readonly string[];
  readonly #sources: string[] = [];
  readonly #most: number;
  #lastSource = '';
  #lastSourceId = -1;
  #length = 0;
  #time = new Float64Array(256);
  #symbol = new Int32Array(256);
  #source = new Int16Array(256);
  #direction = new Int8Array(256);
  #strength = new Float64Array(256);
  #confidence = new Float64Array(256);
  #horizon = new Int32Array(256);

  /** `most` = bars that can be decided on: where signals are frequent the columns grow to it in one step. */
  constructor(symbols: readonly string[], most: number) {
    this.#symbols = symbols;
    this.#most = most;
  }

  get length(): number {
    return this.#length;
  }

  sourceId(source: string): number {
    if (source === this.#lastSource) return this.#lastSourceId;
    let id = this.#sources.indexOf(source);
    if (id < 0) id = this.#sources.push(source) - 1;
    this.#lastSource = source;
    this.#lastSourceId = id;
    return id;
  }

  add(time: number, id: number, signal: Signal): void {
    const at = this.#length++;
    if (at === this.#time.length) this.#grow(at < this.#most && at * FREQUENT > this.#most ? this.#most : at + 1);
    this.#time[at] = time;
    this.#symbol[at] = id;
    this.#source[at] = this.sourceId(signal.source);
    this.#direction[at] = signal.direction === 'long' ? 1 : signal.direction === 'short' ? -1 : 0;
    this.#strength[at] = signal.strength;
    this.#confidence[at] = signal.confidence;
    this.#horizon[at] = signal.horizonBars ?? -1;
  }

  columns(): SignalColumns {
    const n = this.#length;
    return {
      symbols: this.#symbols, sources: this.#sources, length: n,
      time: this.#time.subarray(0, n), symbol: this.#symbol.subarray(0, n), source: this.#source.subarray(0, n), direction: this.#direction.subarray(0, n),
      strength: this.#strength.subarray(0, n), confidence: this.#confidence.subarray(0, n), horizon: this.#horizon.subarray(0, n),
    };
  }

  #grow(length: number): void {
    this.#time = grown(this.#time, length);
    this.#symbol = grown(this.#symbol, length);
    this.#source = grown(this.#source, length);
    this.#direction = grown(this.#direction, length);
    this.#strength = grown(this.#strength, length);
    this.#confidence = grown(this.#confidence, length);
    this.#horizon = grown(this.#horizon, length);
  }
}

/** Signals row by row, in the order they were emitted. */
export function* signalRows(columns: SignalColumns): Generator<SignalRow, void, undefined> {
  for (let i = 0; i < columns.length; i++)
    yield {
      ts: new Date(columns.time[i]!).toISOString(),
      vt_symbol: columns.symbols[columns.symbol[i]!]!,
      direction: DIRECTIONS[columns.direction[i]! + 1]!,
      strength: columns.strength[i]!,
      confidence: columns.confidence[i]!,
      horizon_bars: columns.horizon[i]! < 0 ? null : columns.horizon[i]!,
      source: columns.sources[columns.source[i]!]!,
    };
}
