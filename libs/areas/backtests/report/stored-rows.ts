import type { EquityColumns, RoundTripRow } from './tear-sheet-input.ts';

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Rows of a comparison as columns; NaN where there is no value. */
export interface ComparedColumns {
  readonly buyAndHold: Float64Array;
  readonly benchmark: Float64Array;
}

/** The rows of an artifact. */
export function rowsOf(ndjson: Uint8Array): Rows {
  return Array.from(lines(ndjson), (line) => JSON.parse(line) as Record<string, unknown>);
}

export function equityColumns(rows: Rows): EquityColumns {
  const { ts, equity } = marksOf(rows);
  const column = (name: string): Float64Array => Float64Array.from(rows, (row) => Number(row[name]));
  const session = Float64Array.from(rows, (row) => Date.parse(String(row['session_date'])));
  return {
    ts,
    session,
    equity,
    drawdown: column('drawdown'),
    gross: column('gross'),
    net: column('net'),
    cash: column('cash'),
  };
}

/** What also the rows of older engines have. */
export function marksOf(rows: Rows): { ts: Float64Array; equity: Float64Array } {
  return {
    ts: Float64Array.from(rows, (row) => Date.parse(String(row['ts']))),
    equity: Float64Array.from(rows, (row) => Number(row['equity'])),
  };
}

export function comparedColumns(rows: Rows): ComparedColumns {
  const column = (name: string): Float64Array =>
    Float64Array.from(rows, (row) => (row[name] === null ? NaN : Number(row[name])));
  return { buyAndHold: column('buy_and_hold'), benchmark: column('benchmark') };
}

export function roundTrips(rows: Rows): RoundTripRow[] {
  return rows.map((row) => ({
    ...(row as unknown as RoundTripRow),
    quantity: Number(row['quantity']),
    pnl: Number(row['pnl']),
  }));
}

function* lines(ndjson: Uint8Array): Generator<string> {
  let from = 0;
  for (let end = ndjson.indexOf(10, from); end >= 0; end = ndjson.indexOf(10, from)) {
    yield Buffer.from(ndjson.subarray(from, end)).toString();
    from = end + 1;
  }
}
