import type { EquityColumns, RoundTripRow, TearSheetInput } from '../tear-sheet-input.ts';

export const DAY = 86_400_000;
/** Close of the first US session of 2024. */
export const FIRST_CLOSE = Date.UTC(2024, 0, 2, 21);

/** Equity rows one `step` apart, wholly invested, of sessions that are UTC days; `equity(i)` is the equity of row i. */
export function equityColumns(
  rows: number,
  equity: (row: number) => number,
  step = DAY,
  first = FIRST_CLOSE,
): EquityColumns {
  const columns = {
    ts: new Float64Array(rows),
    session: new Float64Array(rows),
    equity: new Float64Array(rows),
    drawdown: new Float64Array(rows),
    gross: new Float64Array(rows),
    net: new Float64Array(rows),
    cash: new Float64Array(rows),
  };
  let peak = -Infinity;
  for (let row = 0; row < rows; row++) {
    const value = equity(row);
    peak = Math.max(peak, value);
    columns.ts[row] = first + row * step;
    columns.session[row] = Math.floor((columns.ts[row]! - 1) / DAY) * DAY;
    columns.equity[row] = value;
    columns.drawdown[row] = value / peak - 1;
    columns.gross[row] = value;
    columns.net[row] = value;
  }
  return columns;
}

/** A seeded walk of about one percent a step. */
export function walk(seed: number, from = 100_000, size = 0.02): () => number {
  let state = seed;
  let value = from;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    value *= 1 + (state / 2_147_483_648 - 0.49) * size;
    return value;
  };
}

export function roundTrip(changes: Partial<RoundTripRow> = {}): RoundTripRow {
  return {
    vt_symbol: 'X.SIM',
    direction: 'long',
    quantity: 950,
    entry_ts: FIRST_CLOSE,
    exit_ts: FIRST_CLOSE + 5 * DAY,
    entry_price: 101.0202,
    exit_price: 100.9798,
    pnl: -134.33,
    return: -0.0014,
    bars_held: 5,
    mae: -0.0298969909,
    mfe: 0.0592041018,
    ...changes,
  };
}

export function tearSheetInput(changes: Partial<TearSheetInput> = {}): TearSheetInput {
  return {
    run: {
      id: '0198f3c2-7d44-7c1e-9a51-2f6b1c0e77aa',
      name: 'Golden cross',
      status: 'completed',
      engine: 'event',
      engine_version: '1.2.3',
      seed: 42,
      currency: 'USD',
      interval: '1d',
      start: '2024-01-02T00:00:00.000Z',
      end: '2025-12-31T00:00:00.000Z',
      initial_cash: 100_000,
      completed_at: '2026-01-02T10:00:00.000Z',
      calendar: 'LOCAL',
    },
    hashes: {
      spec_hash: 'a'.repeat(64),
      dataset_hash: 'b'.repeat(64),
      run_hash: 'c'.repeat(64),
      event_log_hash: 'd'.repeat(64),
      context_hash: 'e'.repeat(64),
    },
    recipe: {
      strategy: {
        class: 'FrameworkAlgorithm',
        kwargs: { universe_model: { class: 'StaticUniverse', kwargs: { symbols: ['X.SIM', 'Y.SIM'] } } },
      },
      backtest: { engine: 'event', kwargs: { slippage_bps: 2 } },
    },
    metrics: {
      total_return: 0.1826,
      cagr: 0.0871,
      sharpe: 1.0345,
      sortino: 1.5,
      max_drawdown: -0.1234,
      calmar: 0.7,
      volatility_ann: 0.2,
      psr: 0.63,
      var_95: -0.0123,
      cvar_95: -0.0177,
      final_equity: 118_260.5,
      cost_drag: 0.0029,
      n_round_trips: 1,
    },
    warnings: [],
    equity: equityColumns(500, walk(7)),
    benchmark: null,
    roundTrips: [roundTrip()],
    ...changes,
  };
}
