import { decimal } from '../../decimal/index.ts';

/**
 * One order as commission sees it before a fill: the quantity it filled, Σ quantity·price of that, and what it was
 * charged so far in 1e-8 units.
 */
export interface CommissionState {
  readonly filled: number;
  readonly notional: decimal.Exact;
  readonly charged: decimal.Integer;
}

/** Commission of one fill in 1e-8 units, rounded half-even once; never negative. `gross` = quantity·price. */
export interface CommissionModel {
  charge(
    state: CommissionState,
    quantity: number,
    gross: decimal.Exact,
    liquidity: 'taker' | 'maker' | 'auction',
  ): decimal.Integer;
}

export const NO_FILLS: CommissionState = { filled: 0, notional: decimal.ZERO, charged: 0 };
