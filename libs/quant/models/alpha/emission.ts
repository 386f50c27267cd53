import type { Direction, Signal, Slice } from '../../strategy/index.ts';

const NOTHING: readonly Signal[] = [];
const SIGN: Record<Direction, number> = { long: 1, short: -1, flat: 0 };

export function signOf(direction: Direction): number {
  return SIGN[direction];
}

/** The signals of one bar, in objects that live as long as the model: a quiet bar allocates nothing. */
export class Emission {
  readonly #source: string;
  readonly #allowShort: boolean;
  readonly #horizon: number | null;
  readonly #bySymbol: (Signal | undefined)[] = [];
  readonly #out: Signal[] = [];
  #length = 0;

  constructor(source: string, allowShort: boolean, horizonBars: number | null = null) {
    this.#source = source;
    this.#allowShort = allowShort;
    this.#horizon = horizonBars;
  }

  begin(): void {
    this.#length = 0;
  }

  /**
   * Adds a signal of full strength for the k-th symbol of the slice; a short that is not allowed is emitted as flat.
   */
  emit(slice: Slice, k: number, direction: Direction): void {
    const allowed = direction === 'short' && !this.#allowShort ? 'flat' : direction;
    const signal = this.#bySymbol[slice.id(k)] ?? this.#first(slice, k);
    if (signal.direction !== allowed) signal.direction = allowed;
    const at = this.#length++;
    if (this.#out[at] !== signal) this.#out[at] = signal;
  }

  #first(slice: Slice, k: number): Signal {
    const id = slice.id(k);
    while (this.#bySymbol.length <= id) this.#bySymbol.push(undefined);
    return (this.#bySymbol[id] = {
      vtSymbol: slice.symbol(k),
      id,
      direction: 'flat',
      strength: 1,
      confidence: 1,
      horizonBars: this.#horizon,
      source: this.#source,
    });
  }

  end(): readonly Signal[] {
    if (this.#length === 0) return NOTHING;
    if (this.#out.length !== this.#length) this.#out.length = this.#length;
    return this.#out;
  }
}
