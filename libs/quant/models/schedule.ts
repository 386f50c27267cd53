import { barLabel, type Interval } from '../bars/index.ts';
import type { Slice } from '../strategy/index.ts';

/** Entries tied to bars by (symbol, label of the deciding bar); remembers which never met their bar. */
export class Schedule<T extends { time: string; vt_symbol: string }> {
  readonly #due = new Map<string, Map<number, T[]>>();
  readonly #open = new Set<T>();

  constructor(entries: readonly T[], interval: Interval) {
    for (const entry of entries) {
      const label = barLabel(entry.time, entry.vt_symbol, interval);
      this.#open.add(entry);
      const labels = this.#due.get(entry.vt_symbol) ?? new Map<number, T[]>();
      this.#due.set(entry.vt_symbol, labels);
      const list = labels.get(label);
      if (list) list.push(entry);
      else labels.set(label, [entry]);
    }
  }

  /** Entries whose bar is in this slice, in the order of the symbols. Allocates only when there are some. */
  at(slice: Slice): readonly T[] {
    let found: T[] | null = null;
    for (let k = 0; k < slice.size; k++) {
      const due = this.#due.get(slice.symbol(k))?.get(slice.label(k));
      if (due === undefined) continue;
      found = found === null ? [...due] : [...found, ...due];
      for (const entry of due) this.#open.delete(entry);
    }
    return found ?? [];
  }

  unmatched(): string[] {
    return [...this.#open].map((entry) => `${entry.vt_symbol} ${entry.time}`);
  }
}
