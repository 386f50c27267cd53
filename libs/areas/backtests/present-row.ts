import { decimal } from '#kernel';
import type { BarSeries } from '#quant';
import type { ArtifactKind } from './engine/encode-artifacts.ts';

/** How exact values are shown: as JSON numbers, or exactly as text (`Accept-Profile: decimal-string`). */
export type DecimalProfile = 'number' | 'decimal-string';

const DECIMALS: Readonly<Partial<Record<ArtifactKind, readonly string[]>>> = {
  equity: ['equity', 'cash', 'gross', 'net'],
  orders: [
    'requested_quantity',
    'quantity',
    'limit_price',
    'stop_price',
    'trail_amount',
    'filled_quantity',
    'avg_fill_price',
  ],
  fills: ['quantity', 'price', 'commission', 'slippage_cost'],
  comparison: ['buy_and_hold', 'benchmark'],
  round_trips: ['quantity', 'pnl', 'entry_price', 'exit_price'],
};

const BAR_FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

const ID: Readonly<Partial<Record<ArtifactKind, string>>> = { orders: 'order_id', fills: 'fill_id' };

/** An artifact's row as the API shows it: with the run it belongs to, its id, and decimals in the asked form. */
export function presentRow(
  kind: ArtifactKind,
  runId: string,
  row: Record<string, unknown>,
  profile: DecimalProfile,
): Record<string, unknown> {
  const shown: Record<string, unknown> = { ...row };
  const id = ID[kind];
  if (id) Object.assign(shown, { id: row[id], run_kind: 'backtest', run_id: runId });
  presentDecimals(shown, DECIMALS[kind] ?? [], profile);
  if (kind === 'equity' && profile === 'decimal-string') shown['positions'] = exactPositions(row['positions']);
  return shown;
}

/** Metrics that are money. */
const MONEY_METRICS = [
  'expectancy',
  'commission_total',
  'slippage_total',
  'borrow_total',
  'interest_total',
  'final_equity',
];

/** Metrics with money in the asked form; ratios and counts are always numbers. */
export function presentMetrics(
  metrics: Record<string, number | null>,
  profile: DecimalProfile,
): Record<string, unknown> {
  const shown = { ...metrics };
  presentDecimals(shown, MONEY_METRICS, profile);
  return shown;
}

/** A bar of a series in the asked form; unknown values are null. */
export function presentBar(series: BarSeries, row: number, profile: DecimalProfile): Record<string, unknown> {
  const shown: Record<string, unknown> = { timestamp: new Date(series.time[row] ?? 0).toISOString() };
  for (const field of BAR_FIELDS) shown[field] = Number.isNaN(series[field][row]) ? null : (series[field][row] ?? null);
  if (profile === 'decimal-string') presentDecimals(shown, BAR_FIELDS, profile);
  return shown;
}

/** Changes the named members of a document to the asked form; absent and null ones stay. */
export function presentDecimals(
  document: Record<string, unknown>,
  fields: readonly string[],
  profile: DecimalProfile,
): void {
  for (const field of fields) {
    const value = document[field];
    if (value === null || value === undefined) continue;
    document[field] = profile === 'number' ? Number(value) : decimalText(value);
  }
}

/** The profile that `Accept-Profile` asks for. */
export function decimalProfile(headers: Readonly<Record<string, unknown>>): DecimalProfile {
  return headers['accept-profile'] === 'decimal-string' ? 'decimal-string' : 'number';
}

function exactPositions(positions: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(positions as Record<string, Record<string, unknown>>).map(([symbol, { quantity, avg_price }]) => [
      symbol,
      { quantity: decimalText(quantity), avg_price: decimalText(avg_price) },
    ]),
  );
}

const MOST_DECIMALS = 10;

/**
 * Prices and quantities have 10 decimals, money has 8: a double stands for its shortest decimal, not for the binary
 * fraction behind it.
 */
function decimalText(value: unknown): string {
  return typeof value === 'number'
    ? decimal.formatUnits(decimal.roundHalfEven(decimal.exact(value), MOST_DECIMALS), MOST_DECIMALS)
    : String(value);
}
