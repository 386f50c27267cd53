import type { Interval } from '#quant/bars';
import type { FileAction } from './file-actions.ts';
import type { MappingTarget, Prices } from './mapping-targets.ts';

const NONE: readonly FileAction[] = [];

/**
 * Splits and dividends of a row as corporate actions. A weekly row does not say the day. 0 is no action, nor is a split
 * of 1.
 */
export function actionsOf(
  vtSymbol: string,
  interval: Interval,
  exDay: number,
  split: number,
  dividend: number,
  currency: string | null,
): readonly FileAction[] {
  const splits = split > 0 && split !== 1;
  if (interval === '1w' || (!splits && !(dividend > 0))) return NONE;
  return [
    ...(splits ? [{ vtSymbol, kind: 'split' as const, exDay, value: split, currency: null }] : []),
    ...(dividend > 0 ? [{ vtSymbol, kind: 'dividend' as const, exDay, value: dividend, currency }] : []),
  ];
}

/**
 * Targets that prices of this kind leave to corporate actions; what they are adjusted for already would be adjusted
 * twice.
 */
export function actionTargets(prices: Prices | null): ReadonlySet<MappingTarget> {
  return new Set<MappingTarget>(
    prices === 'raw' ? ['split', 'dividend'] : prices === 'split_adjusted' ? ['dividend'] : [],
  );
}
