import { decimal } from '../../decimal/index.ts';

/** One order as commission sees it before a fill: what it filled and was charged so far. Money in 1e-8 units. */
export interface CommissionState {
  readonly filled: decimal.Exact;
  readonly notional: decimal.Exact;
  readonly charged: decimal.Integer;
}

export interface CommissionFill { quantity: decimal.Exact; price: decimal.Exact; liquidity: 'taker' | 'maker' | 'auction' }

/** Commission of one fill in 1e-8 units, rounded half-even once; never negative. */
export interface CommissionModel { charge(state: CommissionState, fill: CommissionFill): decimal.Integer }

export const NO_FILLS: CommissionState = { filled: { n: 0, scale: 0 }, notional: { n: 0, scale: 0 }, charged: 0 };
