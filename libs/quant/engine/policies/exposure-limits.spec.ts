import { evaluatePolicies } from './registry.ts';
import { checkOf, codesOf } from './testing/order-check.ts';

const buy = (quantity: number, rest: object = {}) => ({ side: 'buy', quantity, ...rest }) as const;
const sell = (quantity: number, rest: object = {}) => ({ side: 'sell', quantity, ...rest }) as const;
const limitBuy = (quantity: number) => buy(quantity, { orderType: 'limit', limitPrice: 100 });
const limitSell = (quantity: number) => sell(quantity, { orderType: 'limit', limitPrice: 100 });

describe('R2 max_position_pct', () => {
  const limits = { max_position_pct: 0.2 };

  it('lets the limit itself pass', () => {
    expect(codesOf(buy(200), { limits })).toEqual([]);
    expect(codesOf(buy(201), { limits })).toEqual(['max_position_pct']);
  });

  it('counts working orders by their remainder, but neither reduce-only ones nor those of the other side', () => {
    expect(codesOf(buy(150), { limits, working: [limitBuy(50)] })).toEqual([]);
    expect(codesOf(buy(151), { limits, working: [limitBuy(50)] })).toEqual(['max_position_pct']);
    expect(
      codesOf(buy(200), {
        limits,
        working: [buy(50, { reduceOnly: true }), sell(50, { orderType: 'limit', limitPrice: 101 })],
      }),
    ).toEqual([]);
    expect(codesOf(sell(151), { limits, working: [limitSell(50)] })).toEqual(['max_position_pct']);
  });

  it('lets an order pass that only reduces', () => {
    expect(codesOf(sell(100), { limits, positions: { 'X.SIM': 500 } })).toEqual([]);
    expect(
      codesOf(sell(10, { reduceOnly: true }), { limits, positions: { 'X.SIM': 500 }, working: [limitSell(495)] }),
    ).toEqual([]);
    expect(codesOf(buy(1), { limits, positions: { 'X.SIM': 500 } })).toEqual(['max_position_pct']);
  });

  it('compares products of decimals, not quotients of doubles', () => {
    expect(codesOf(buy(3), { limits: { max_position_pct: 0.3 }, prices: { 'X.SIM': 10_000 } })).toEqual([]);
    expect(codesOf(buy(3), { limits: { max_position_pct: 0.3 }, prices: { 'X.SIM': 10_000.00000001 } })).toEqual([
      'max_position_pct',
    ]);
  });
});

describe('R3 max_concentration_pct', () => {
  const limits = { max_concentration_pct: 0.5 };

  it('warns above its share of gross, once there are two names', () => {
    expect(codesOf(buy(100), { limits })).toEqual([]);
    expect(codesOf(buy(100), { limits, positions: { 'Y.SIM': 200 } })).toEqual([]);
    expect(evaluatePolicies(checkOf(buy(300), { limits, positions: { 'Y.SIM': 200 } }))).toEqual([
      { policy: 'R3', severity: 'warn', code: 'max_concentration_pct', value: 0.75, limit: 0.5 },
    ]);
  });
});

describe('R4 exposure of the portfolio', () => {
  it('denies the short part of a sale', () => {
    const limits = { max_short_exposure: 0 };
    expect(codesOf(sell(100), { limits, positions: { 'X.SIM': 100 } })).toEqual([]);
    expect(codesOf(sell(101), { limits, positions: { 'X.SIM': 100 } })).toEqual(['max_short_exposure']);
  });

  it('lets a rotation buy what its market sale frees, but not what a resting limit might', () => {
    const limits = { max_gross_exposure: 1 };
    const order = buy(1_990, { vtSymbol: 'Y.SIM' });
    expect(codesOf(order, { limits, positions: { 'X.SIM': 1_000 }, working: [sell(1_000)] })).toEqual([]);
    expect(codesOf(order, { limits, positions: { 'X.SIM': 1_000 }, working: [limitSell(1_000)] })).toEqual([
      'max_gross_exposure',
    ]);
  });

  it('nets long against short, in the worse of both cases', () => {
    const limits = { max_net_exposure: 0.5 };
    expect(codesOf(buy(1_000, { vtSymbol: 'Y.SIM' }), { limits, positions: { 'X.SIM': -300 } })).toEqual([]);
    expect(
      codesOf(buy(1_000, { vtSymbol: 'Y.SIM' }), { limits, positions: { 'X.SIM': -300 }, working: [limitBuy(301)] }),
    ).toEqual(['max_net_exposure']);
  });

  it('lists each limit that is exceeded', () => {
    expect(
      codesOf(sell(1_001), { limits: { max_gross_exposure: 1, max_net_exposure: 1, max_short_exposure: 1 } }),
    ).toEqual(['max_gross_exposure', 'max_net_exposure', 'max_short_exposure']);
  });
});

describe('R6 max_sector_pct', () => {
  const limits = { max_sector_pct: 0.35 };

  it('warns above its share of equity, and leaves unknown sectors alone', () => {
    const check = { sectorOf: (): string => 'Energy' };
    expect(codesOf(buy(150), { limits, check, positions: { 'Y.SIM': 400 } })).toEqual([]);
    expect(codesOf(buy(151), { limits, check, positions: { 'Y.SIM': 400 } })).toEqual(['max_sector_pct']);
    expect(codesOf(buy(151), { limits, positions: { 'Y.SIM': 400 } })).toEqual([]);
    expect(
      codesOf(buy(151), {
        limits,
        positions: { 'Y.SIM': 400 },
        check: { sectorOf: (id) => (id === 0 ? 'Energy' : 'Utilities') },
      }),
    ).toEqual([]);
  });
});
