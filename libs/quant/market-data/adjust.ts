import type { BarTable } from './bar-table.ts';

export type Normalization = 'raw' | 'split_adjusted' | 'adjusted' | 'total_return';

/**
 * A corporate action that changes prices. `exDay`: days since 1970. `ratio`: new shares per old; `cash`: per share held
 * before the ex-date.
 */
export type PriceAction =
  | { readonly kind: 'split'; readonly exDay: number; readonly ratio: number }
  | { readonly kind: 'dividend'; readonly exDay: number; readonly cash: number; readonly currency: string | null };

export interface AdjustmentWarning {
  readonly code: 'dividend_without_close' | 'dividend_currency' | 'dividend_exceeds_price';
  readonly exDay: number;
}

export interface Adjustment {
  readonly table: BarTable;
  /** Actions that changed a price. */
  readonly actions: number;
  readonly warnings: readonly AdjustmentWarning[];
}

export interface AdjustmentInput {
  /** Last stored daily close before a day, raw; NaN without one (data.md 14, A1). */
  readonly closeBefore: (exDay: number) => number;
  readonly currency: string | null;
  /** Row that `total_return` starts from: the first bar in range. */
  readonly firstRow?: number;
}

interface Factor {
  readonly exDay: number;
  readonly price: number;
  readonly volume: number;
}

/**
 * Prices as they compare with the newest stored bar, which is never changed. `table` must hold all stored bars, so that
 * a bar has one adjusted value whatever range is asked for. Nothing is rounded. Source: data.md 8.2 and 14, A1, A2.
 */
export function adjust(
  table: BarTable,
  actions: readonly PriceAction[],
  normalization: Normalization,
  input: AdjustmentInput,
): Adjustment {
  const rows = table.time.length;
  if (normalization === 'raw' || rows === 0) return { table, actions: 0, warnings: [] };
  const newest = table.sessionDay[rows - 1]!;
  const warnings: AdjustmentWarning[] = [];
  const factors = actions
    .filter((action) => action.exDay <= newest && (normalization !== 'split_adjusted' || action.kind === 'split'))
    .sort((a, b) => a.exDay - b.exDay || (a.kind < b.kind ? -1 : 1))
    .flatMap((action) => factorOf(action, input, warnings));
  const adjusted = apply(table, factors);
  return {
    table: normalization === 'total_return' ? rebase(table, adjusted, input.firstRow ?? 0) : adjusted,
    actions: factors.length,
    warnings,
  };
}

function factorOf(
  action: PriceAction,
  { closeBefore, currency }: AdjustmentInput,
  warnings: AdjustmentWarning[],
): Factor[] {
  const { exDay } = action;
  if (action.kind === 'split')
    return action.ratio === 1 ? [] : [{ exDay, price: 1 / action.ratio, volume: 1 / action.ratio }];
  if (action.cash === 0) return [];
  const refuse = (code: AdjustmentWarning['code']): Factor[] => {
    warnings.push({ code, exDay });
    return [];
  };
  if (action.currency !== null && currency !== null && action.currency !== currency) return refuse('dividend_currency');
  const close = closeBefore(exDay);
  if (Number.isNaN(close)) return refuse('dividend_without_close');
  const price = 1 - action.cash / close;
  return price > 0 ? [{ exDay, price, volume: 1 }] : refuse('dividend_exceeds_price');
}

function apply(table: BarTable, factors: readonly Factor[]): BarTable {
  if (factors.length === 0) return table;
  const copy = {
    ...table,
    open: table.open.slice(),
    high: table.high.slice(),
    low: table.low.slice(),
    close: table.close.slice(),
    vwap: table.vwap.slice(),
    volume: table.volume.slice(),
  };
  let row = 0;
  for (let first = 0; first < factors.length; first++) {
    let price = 1;
    let volume = 1;
    for (let i = first; i < factors.length; i++) {
      price *= factors[i]!.price;
      volume *= factors[i]!.volume;
    }
    for (; row < table.time.length && table.sessionDay[row]! < factors[first]!.exDay; row++) {
      copy.open[row]! *= price;
      copy.high[row]! *= price;
      copy.low[row]! *= price;
      copy.close[row]! *= price;
      copy.vwap[row]! *= price;
      copy.volume[row]! /= volume;
    }
  }
  return copy;
}

function rebase(raw: BarTable, adjusted: BarTable, firstRow: number): BarTable {
  const scale = firstRow < raw.time.length ? raw.close[firstRow]! / adjusted.close[firstRow]! : 1;
  const scaled = (column: Float64Array): Float64Array => column.map((value) => value * scale);
  return {
    ...adjusted,
    open: scaled(adjusted.open),
    high: scaled(adjusted.high),
    low: scaled(adjusted.low),
    close: scaled(adjusted.close),
    vwap: scaled(adjusted.vwap),
  };
}
