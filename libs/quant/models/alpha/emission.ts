import type { Direction, Signal } from '../../strategy/index.ts';

const SIGN: Record<Direction, number> = { long: 1, short: -1, flat: 0 };

export function signOf(direction: Direction): number {
  return SIGN[direction];
}

/** The signals of one bar, in objects that live as long as the model: a quiet bar allocates nothing. */
export class Emission {
  readonly #source: string;
  readonly #allowShort: boolean;
  readonly #horizon: number | null;
  readonly #bySymbol: Signal[] = [];
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

  /** Adds a signal of full strength; a short that is not allowed is emitted as flat. */
  emit(id: number, vtSymbol: string, direction: Direction): void {
    const allowed = direction === 'short' && !this.#allowShort ? 'flat' : direction;
    let signal = this.#bySymbol[id];
    if (signal === undefined) {
      signal = { vtSymbol, id, direction: allowed, strength: 1, confidence: 1, horizonBars: this.#horizon, source: this.#source };
      this.#bySymbol[id] = signal;
    } else signal.direction = allowed;
    this.#out[this.#length++] = signal;
  }

  end(): readonly Signal[] {
    if (this.#out.length !== this.#length) this.#out.length = this.#length;
    return this.#out;
  }
}
