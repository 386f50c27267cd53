import { decimal } from '../../../decimal/index.ts';
import type { OrderRequest } from '../../../strategy/index.ts';
import { Order } from '../../order.ts';
import { exposureAfter, onlyReduces } from '../exposure.ts';
import type { OrderCheck } from '../policy.ts';
import { evaluatePolicies } from '../registry.ts';
import { DEFAULT_LIMITS, type RiskLimits } from '../risk-limits.ts';

export type Ask = Partial<OrderRequest> & Pick<OrderRequest, 'side' | 'quantity'>;

export interface Situation {
  /** Signed quantities by symbol; X and Y are known, at 100 and 50 unless `prices` says otherwise. */
  positions?: Record<string, number>;
  prices?: Record<string, number>;
  working?: Ask[];
  limits?: Partial<RiskLimits>;
  check?: Partial<OrderCheck>;
}

const NONE: RiskLimits = {
  ...(Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((key) => [key, null])) as unknown as RiskLimits),
  restricted: [],
};
const SYMBOLS = ['X.SIM', 'Y.SIM'];

export function orderOf(ask: Ask, sequence = 1): Order {
  const request: OrderRequest = { vtSymbol: 'X.SIM', orderType: 'market', ...ask };
  return new Order(sequence, SYMBOLS.indexOf(request.vtSymbol), request, 0, { origin: 'strategy' });
}

/** An order with equity 100 000 and every limit open but for those given. */
export function checkOf(
  ask: Ask,
  { positions = {}, prices = {}, working = [], limits = {}, check = {} }: Situation = {},
): OrderCheck {
  const order = orderOf(ask, working.length + 1);
  const quantity = decimal.exact(ask.quantity);
  const others = working.map((one, i) => orderOf(one, i + 1));
  const priceOf = (id: number): number => ({ 'X.SIM': 100, 'Y.SIM': 50, ...prices })[SYMBOLS[id]!]!;
  const held = SYMBOLS.flatMap((symbol, id) => (positions[symbol] ? [{ id, quantity: positions[symbol] }] : []));
  const reduces = onlyReduces(order, quantity, positions[order.vtSymbol] ?? 0, others);
  return {
    order,
    quantity,
    limits: { ...NONE, ...limits },
    unaffordable: false,
    unborrowable: false,
    equity: decimal.exact(100_000),
    price: decimal.exact(priceOf(order.id)),
    working: others,
    exposure: reduces ? null : exposureAfter({ positions: held, working: others, order, quantity, priceOf }),
    sectorOf: () => null,
    volume: () => null,
    staleIntervals: () => 0,
    messageBreach: () => null,
    sinceEqual: () => null,
    dailyLoss: () => null,
    drawdown: () => null,
    ...check,
  };
}

/** Codes that the policies answer. */
export function codesOf(ask: Ask, situation?: Situation): string[] {
  return evaluatePolicies(checkOf(ask, situation)).map((finding) => finding.code);
}
