import { decimal } from '../../decimal/index.ts';
import { SessionVolumes, sessionVolume } from './session-volume.ts';
import { codesOf } from './testing/order-check.ts';

const buy = (quantity: number, rest: object = {}) => ({ side: 'buy', quantity, ...rest }) as const;

describe('R5 buying power', () => {
  it('denies what cannot be paid for at all, beside the other breaches', () => {
    expect(
      codesOf(buy(201), { limits: { max_position_pct: 0.2, max_order_notional: 0.25 }, check: { unaffordable: true } }),
    ).toEqual(['max_position_pct', 'insufficient_buying_power']);
  });
});

describe('R7 order size', () => {
  it('takes the limit price, else the stop price, else the last close', () => {
    const limits = { max_order_notional: 0.25 };
    expect(codesOf(buy(250), { limits })).toEqual([]);
    expect(codesOf(buy(251), { limits })).toEqual(['max_order_notional']);
    expect(codesOf(buy(250, { orderType: 'limit', limitPrice: 100.01 }), { limits })).toEqual(['max_order_notional']);
    expect(codesOf(buy(250, { orderType: 'stop', stopPrice: 101 }), { limits })).toEqual(['max_order_notional']);
    expect(codesOf(buy(250, { orderType: 'stop_limit', stopPrice: 101, limitPrice: 100 }), { limits })).toEqual([]);
  });

  it('counts units', () => {
    expect(codesOf(buy(10), { limits: { max_order_qty: 10 } })).toEqual([]);
    expect(codesOf(buy(10.5), { limits: { max_order_qty: 10 } })).toEqual(['max_order_qty']);
  });
});

describe('R8 price collar', () => {
  const limits = { price_collar_pct: 0.05 };

  it.each([
    [105, []],
    [105.01, ['price_collar']],
    [95, []],
    [94.99, ['price_collar']],
  ])('holds a limit of %d against the close of 100', (limitPrice, expected) => {
    expect(codesOf(buy(1, { orderType: 'limit', limitPrice }), { limits })).toEqual(expected);
  });

  it('tests each price given, and none of a trailing stop', () => {
    expect(codesOf(buy(1, { orderType: 'stop', stopPrice: 106 }), { limits })).toEqual(['price_collar']);
    expect(codesOf(buy(1, { orderType: 'stop_limit', stopPrice: 104, limitPrice: 106 }), { limits })).toEqual([
      'price_collar',
    ]);
    expect(codesOf(buy(1, { orderType: 'trailing_stop', trailAmount: 20 }), { limits })).toEqual([]);
  });
});

describe('R9 share of the average volume', () => {
  const limits = { max_adv_pct: 0.1 };

  it('passes its share, and unknown volume with a warning', () => {
    const volume = (total: number, sessions: number) => ({
      limits,
      check: { volume: () => ({ total: decimal.exact(total), sessions }) },
    });
    expect(codesOf(buy(100), volume(3_000, 3))).toEqual([]);
    expect(codesOf(buy(101), volume(3_000, 3))).toEqual(['max_adv_pct']);
    expect(codesOf(buy(101), { limits })).toEqual(['volume_unknown']);
    expect(codesOf(buy(1), volume(0, 20))).toEqual(['max_adv_pct']);
  });

  const days = (volumes: number[], perSession = 1, closed = true) =>
    sessionVolume({
      volume: Float64Array.from(volumes),
      day: Int32Array.from(volumes, (_, i) => 100 + Math.floor(i / perSession)),
      count: volumes.length,
      closed,
    });

  it('adds the last 20 completed sessions, or as many as there are', () => {
    expect(days([1_000_000, ...Array.from({ length: 20 }, (_, i) => i)])).toMatchObject({
      total: { n: 190 },
      sessions: 20,
    });
    expect(days([5, 7])).toMatchObject({ total: { n: 12 }, sessions: 2 });
    expect(days([])).toBeNull();
  });

  it('adds bars of a session and leaves out the one under way', () => {
    expect(days([1, 2, 3, 4, 50, 60], 2, false)).toMatchObject({ total: { n: 10 }, sessions: 2 });
    expect(days([50, 60], 2, false)).toBeNull();
  });

  it('remembers its answer until a session completes or a split rescales the column', () => {
    const volumes = new SessionVolumes();
    const [volume, day] = [Float64Array.from([1, 2, 3, 4, 50]), Int32Array.from([7, 7, 8, 8, 9])];
    const total = (count: number, closed: boolean): decimal.Integer =>
      volumes.of(0, { volume, day, count, closed })!.total.n;
    expect([total(3, false), total(3, false), total(4, true), total(5, false)]).toEqual([3, 3, 10, 10]);
    for (let i = 0; i < volume.length; i++) volume[i]! *= 2;
    expect([total(5, false), total(5, true)]).toEqual([20, 120]);
  });

  it('is unknown when one of them is', () => {
    expect(days([5, Number.NaN, 7])).toBeNull();
    expect(days([Number.NaN, ...Array.from({ length: 20 }, () => 1)])).toMatchObject({ sessions: 20 });
  });
});
