import type { ArtifactKind } from './engine/encode-artifacts.ts';

/** How exact values are shown: as JSON numbers, or exactly as text (`Accept-Profile: decimal-string`). */
export type DecimalProfile = 'number' | 'decimal-string';

const DECIMALS: Readonly<Partial<Record<ArtifactKind, readonly string[]>>> = {
  equity: ['equity', 'cash', 'gross', 'net'],
  orders: ['requested_quantity', 'quantity', 'limit_price', 'stop_price', 'trail_amount', 'filled_quantity', 'avg_fill_price'],
  fills: ['quantity', 'price', 'commission', 'slippage_cost'],
  round_trips: ['quantity', 'pnl'],
};

const ID: Readonly<Partial<Record<ArtifactKind, string>>> = { orders: 'order_id', fills: 'fill_id' };

/** An artifact's row as the API shows it: with the run it belongs to, its id, and decimals in the asked form. */
export function presentRow(kind: ArtifactKind, runId: string, row: Record<string, unknown>, profile: DecimalProfile): Record<string, unknown> {
  const shown: Record<string, unknown> = { ...row };
  const id = ID[kind];
  if (id) Object.assign(shown, { id: row[id], run_kind: 'backtest', run_id: runId });
  for (const field of DECIMALS[kind] ?? []) {
    const value = row[field];
    if (value === null || value === undefined) continue;
    shown[field] = profile === 'number' ? Number(value) : decimalText(value);
  }
  return shown;
}

/** Numbers of artifacts carry at most 8 decimals, so their fixed form is exact. */
function decimalText(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(8).replace(/\.?0+$/, '') : String(value);
}
