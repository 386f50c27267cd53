import { type BarColumns, type FieldError, parseDate, parseMoment } from '#kernel';

/** Bars sent in a request. */
export interface InlineColumns extends BarColumns {
  /** Lower-case hex SHA-256 of the canonical JSON of the array. */
  readonly sha256: string;
}

export class InlineBars implements InlineColumns {
  readonly length!: number;
  readonly symbols!: readonly string[];
  readonly symbol!: Uint32Array;
  readonly time!: Float64Array;
  readonly offset!: Float32Array;
  readonly isDate!: Uint8Array;
  readonly open!: Float64Array;
  readonly high!: Float64Array;
  readonly low!: Float64Array;
  readonly close!: Float64Array;
  readonly volume!: Float64Array;
  readonly sha256!: string;

  constructor(columns: InlineColumns) {
    Object.assign(this, columns);
  }

  /** What the audit entry keeps of the bars. */
  toJSON(): { rows: number; sha256: string } {
    return { rows: this.length, sha256: this.sha256 };
  }
}

const FIELDS: ReadonlySet<string> = new Set(['vt_symbol', 'time', 'open', 'high', 'low', 'close', 'volume']);
const PRICES = ['open', 'high', 'low', 'close'] as const;
const MAX_ERRORS = 20;

/**
 * Rows `{vt_symbol, time, open, high, low, close, volume|null}` as columns (trading.md 3, request data). Types only:
 * whether a bar makes sense is the backtest's question. Wrong rows are told with the first 20 pointers below `pointer`.
 * Times without offset are UTC.
 */
export function columnsOf(
  rows: readonly unknown[],
  pointer: string,
  sha256: string,
): { columns: InlineColumns; errors: FieldError[] } {
  const n = rows.length;
  const errors: FieldError[] = [];
  const report = (at: string, code: string, message: string): void => {
    if (errors.length < MAX_ERRORS) errors.push({ pointer: `${pointer}/${at}`, code, message });
  };
  const indexes = new Map<string, number>();
  const columns = {
    length: n,
    symbol: new Uint32Array(n),
    time: new Float64Array(n),
    offset: new Float32Array(n),
    isDate: new Uint8Array(n),
    open: new Float64Array(n),
    high: new Float64Array(n),
    low: new Float64Array(n),
    close: new Float64Array(n),
    volume: new Float64Array(n),
  };
  for (let i = 0; i < n; i++) {
    const row = rows[i];
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      report(String(i), 'type', 'must be an object');
      continue;
    }
    const bar = row as Record<string, unknown>;
    for (const name of Object.keys(bar))
      if (!FIELDS.has(name))
        report(`${i}/${name}`, 'unknown_field', `is not known here; accepted: ${[...FIELDS].join(', ')}`);
    columns.symbol[i] = symbolIndex(bar['vt_symbol'], indexes, () =>
      report(`${i}/vt_symbol`, 'type', 'must be a text of 1 to 64 characters'),
    );
    const time = readTime(bar['time']);
    if (time === null)
      report(`${i}/time`, 'format', 'must be a date such as 2026-01-02 or an instant such as 2026-01-02T14:30:00Z');
    else [columns.time[i], columns.offset[i], columns.isDate[i]] = time;
    for (const name of PRICES) {
      const price = bar[name];
      if (typeof price === 'number') columns[name][i] = price;
      else
        report(
          `${i}/${name}`,
          price === undefined ? 'required' : 'type',
          price === undefined ? 'is required' : 'must be a number',
        );
    }
    const volume = bar['volume'] ?? null;
    if (volume !== null && typeof volume !== 'number') report(`${i}/volume`, 'type', 'must be a number or null');
    columns.volume[i] = typeof volume === 'number' ? volume : Number.NaN;
  }
  return { columns: { ...columns, symbols: [...indexes.keys()], sha256 }, errors };
}

function symbolIndex(symbol: unknown, indexes: Map<string, number>, refuse: () => void): number {
  if (typeof symbol !== 'string' || symbol.length === 0 || symbol.length > 64) {
    refuse();
    return 0;
  }
  let index = indexes.get(symbol);
  if (index === undefined) indexes.set(symbol, (index = indexes.size));
  return index;
}

function readTime(text: unknown): [ms: number, offset: number, isDate: 0 | 1] | null {
  if (typeof text !== 'string') return null;
  const moment = parseMoment(text);
  if (moment === null) return null;
  const { wall, offset } = moment;
  return [wall - (offset ?? 0), offset === null ? Number.NaN : offset / 60_000, Number.isNaN(parseDate(text)) ? 0 : 1];
}
