import { REJECTIONS, type Refusal } from './checked-row.ts';

/** Something about a file that a run tells: how often, where first, of which columns. */
export interface RunWarning {
  readonly code: string;
  count: number;
  first_line: number | null;
  /** Headers that are meant. */
  readonly columns?: readonly string[];
  /** What is meant, and what to try. */
  readonly message?: string;
}

/** Rows that one column made refused, for one reason. */
export interface RefusalCount {
  readonly code: string;
  /** Header of the file, or the target where none fills it; null where the whole row is meant. */
  readonly column: string | null;
  count: number;
  first_line: number;
  /** The first three different values, as written. */
  readonly values: string[];
  readonly message?: string;
}

export interface SymbolRows {
  readonly vtSymbol: string;
  readonly interval: string;
  rows: number;
  firstLine: number;
  /** Milliseconds UTC of the oldest and the newest bar. */
  start: number;
  end: number;
}

const SHOWN_VALUES = 3;
const VALUE_CHARS = 64;
/** Codes times columns: more than any file of bars has. */
const MAX_REFUSALS = 100;

/** Counts of a run. */
export class Tally {
  rowsRejected = 0;
  readonly symbols = new Map<string, SymbolRows>();
  readonly #reasons = new Map<string, number>();
  readonly #refusals = new Map<string, RefusalCount>();
  readonly #warnings = new Map<string, RunWarning>();

  reject(refusals: readonly Refusal[], line: number): void {
    this.rowsRejected++;
    for (const code of new Set(refusals.map((refusal) => refusal.code)))
      this.#reasons.set(code, (this.#reasons.get(code) ?? 0) + 1);
    for (const refusal of refusals) this.#remember(refusal, line);
  }

  warn(
    code: string,
    line: number | null,
    count = 1,
    more: { columns?: readonly string[]; message?: string } = {},
  ): void {
    const seen = this.#warnings.get(code);
    if (seen) seen.count += count;
    else this.#warnings.set(code, { code, count, first_line: line, ...more });
  }

  accept(vtSymbol: string, interval: string, time: number, line: number): void {
    const key = `${vtSymbol} ${interval}`;
    const seen = this.symbols.get(key);
    if (!seen) this.symbols.set(key, { vtSymbol, interval, rows: 1, firstLine: line, start: time, end: time });
    else {
      seen.rows++;
      if (time < seen.start) seen.start = time;
      if (time > seen.end) seen.end = time;
    }
  }

  reasons(): Record<string, number> {
    return Object.fromEntries(
      REJECTIONS.flatMap((code) => (this.#reasons.has(code) ? [[code, this.#reasons.get(code)!]] : [])),
    );
  }

  /** In the order of the codes, the columns of one by their counts. */
  refusals(): RefusalCount[] {
    const order = new Map<string, number>(REJECTIONS.map((code, i) => [code, i]));
    return [...this.#refusals.values()].sort((a, b) => order.get(a.code)! - order.get(b.code)! || b.count - a.count);
  }

  warnings(): RunWarning[] {
    return [...this.#warnings.values()];
  }

  #remember({ code, column, value, why }: Refusal, line: number): void {
    const key = `${code} ${column ?? ''}`;
    let seen = this.#refusals.get(key);
    if (!seen) {
      if (this.#refusals.size === MAX_REFUSALS) return;
      this.#refusals.set(
        key,
        (seen = {
          code,
          column,
          count: 0,
          first_line: line,
          values: [],
          ...(why === undefined ? {} : { message: why }),
        }),
      );
    }
    seen.count++;
    if (value === null || seen.values.length === SHOWN_VALUES) return;
    const shown = value.slice(0, VALUE_CHARS);
    if (!seen.values.includes(shown)) seen.values.push(shown);
  }
}

/** One refusal in words: `bad number in close: "x"`. */
export function refusalText({ code, column, value, why }: Refusal): string {
  const place = column === null ? '' : ` in ${column}`;
  const said = value === null ? '' : `: ${JSON.stringify(value.slice(0, VALUE_CHARS))}`;
  return `${code.replaceAll('_', ' ')}${place}${said}${why === undefined ? '' : ` (${why})`}`;
}

/** Why most rows were refused, in one sentence with column and values. */
export function refusalsText(refusals: readonly RefusalCount[]): string {
  return [...refusals]
    .sort((a, b) => b.count - a.count)
    .slice(0, SHOWN_VALUES)
    .map(({ code, column, count, values, message }) => {
      const said = values.length === 0 ? '' : `: ${values.map((value) => JSON.stringify(value)).join(', ')}`;
      return `${code} ${count}${
        column === null ? '' : ` in ` + `${column}`
      }${said}${message === undefined ? '' : ` (${message})`}`;
    })
    .join('; ');
}
