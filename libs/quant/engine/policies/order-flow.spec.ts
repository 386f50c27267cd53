import { AcceptedOrders } from './accepted-orders.ts';
import { MessageBudget } from './message-budget.ts';
import { checkOf, codesOf, orderOf } from './testing/order-check.ts';
import { selfCross } from './order-flow.ts';

const buy = (quantity: number, rest: object = {}) => ({ side: 'buy', quantity, ...rest }) as const;
const sell = (quantity: number, rest: object = {}) => ({ side: 'sell', quantity, ...rest }) as const;

describe('R10 message rate', () => {
  const budget = (perSecond: number | null, burst: number | null, perDay: number | null) =>
    new MessageBudget({ max_messages_per_s: perSecond, message_burst: burst, max_messages_per_day: perDay });

  it('spends a burst and refills on the clock of the session', () => {
    const messages = budget(5, 20, null);
    for (let i = 0; i < 20; i++) {
      expect(messages.breach(0, 1)).toBeNull();
      messages.take(0, 1);
    }
    expect(messages.breach(0, 1)).toEqual({ code: 'message_rate', value: 21, limit: 20 });
    expect(messages.breach(199, 1)).not.toBeNull();
    expect(messages.breach(200, 1)).toBeNull();
    messages.take(200, 1);
    expect(messages.breach(200, 1)).not.toBeNull();
    for (let i = 0; i < 20; i++) messages.take(3_600_000, 1);
    expect(messages.breach(3_600_000, 1)).not.toBeNull();
  });

  it('counts cancels, which are never refused', () => {
    const messages = budget(1, 2, null);
    for (let i = 0; i < 5; i++) messages.take(0, 1);
    expect(messages.breach(999, 1)).not.toBeNull();
    expect(messages.breach(1_000, 1)).toBeNull();
  });

  it('counts messages of a session date', () => {
    const messages = budget(null, null, 2);
    messages.take(0, 1);
    expect(messages.breach(0, 1)).toBeNull();
    messages.take(1, 1);
    expect(messages.breach(9_999_999, 1)).toEqual({ code: 'message_rate', value: 3, limit: 2 });
    expect(messages.breach(10_000_000, 2)).toBeNull();
  });
});

describe('R11 open orders', () => {
  const working = [buy(1), buy(1, { vtSymbol: 'Y.SIM' })];

  it('counts this order in', () => {
    expect(codesOf(buy(1), { limits: { max_open_orders: 3 }, working })).toEqual([]);
    expect(codesOf(buy(1), { limits: { max_open_orders: 2 }, working })).toEqual(['max_open_orders']);
    expect(codesOf(buy(1), { limits: { max_open_orders_per_symbol: 2 }, working })).toEqual([]);
    expect(codesOf(buy(1), { limits: { max_open_orders_per_symbol: 1, max_open_orders: 1 }, working })).toEqual([
      'max_open_orders',
      'max_open_orders_per_symbol',
    ]);
  });
});

describe('R12 duplicates', () => {
  const limits = { duplicate_window_ms: 500 };

  it.each([
    [499, ['duplicate']],
    [500, []],
    [null, []],
  ])('answers an equal order %p ms later', (since, expected) => {
    expect(codesOf(buy(1), { limits, check: { sinceEqual: () => since } })).toEqual(expected);
  });

  it('are of one symbol, side, type, requested quantity and prices', () => {
    const accepted = new AcceptedOrders();
    accepted.add(orderOf(buy(5, { orderType: 'limit', limitPrice: 99.5 })), 1_000);
    const since = (rest: object): number | null =>
      accepted.since(orderOf({ ...buy(5, { orderType: 'limit', limitPrice: 99.5 }), ...rest }), 1_499);
    expect(since({})).toBe(499);
    expect(since({ reference: 'again' })).toBe(499);
    for (const other of [
      { vtSymbol: 'Y.SIM' },
      { side: 'sell' },
      { quantity: 6 },
      { limitPrice: 99.4 },
      { orderType: 'stop_limit', stopPrice: 99.5 },
    ])
      expect(since(other)).toBeNull();
  });
});

describe('R13 crossing of own orders', () => {
  const limitSell = sell(10, { orderType: 'limit', limitPrice: 101 });

  it.each([
    [100.99, []],
    [101, ['self_cross']],
    [102, ['self_cross']],
  ])('holds a buy at %d against a working sell at 101', (limitPrice, expected) => {
    expect(codesOf(buy(1, { orderType: 'limit', limitPrice }), { working: [limitSell] })).toEqual(expected);
  });

  it('takes the last close for an order without a limit, and is mirrored', () => {
    expect(codesOf(buy(1), { working: [limitSell] })).toEqual([]);
    expect(codesOf(buy(1), { working: [sell(1)] })).toEqual(['self_cross']);
    expect(codesOf(sell(1), { working: [buy(10, { orderType: 'limit', limitPrice: 100 })] })).toEqual(['self_cross']);
    expect(codesOf(sell(1), { working: [buy(10, { orderType: 'limit', limitPrice: 99 })] })).toEqual([]);
    expect(codesOf(buy(1), { working: [sell(1, { vtSymbol: 'Y.SIM' })] })).toEqual([]);
  });

  it('knows untriggered stops on neither side', () => {
    const stop = sell(10, { orderType: 'stop', stopPrice: 95 });
    expect(codesOf(buy(1), { working: [stop] })).toEqual([]);
    expect(codesOf(buy(1, { orderType: 'stop', stopPrice: 105 }), { working: [sell(1)] })).toEqual([]);
    const check = checkOf(buy(1), { working: [stop] });
    check.working[0]!.triggered = true;
    expect(selfCross(check)).toHaveLength(1);
  });
});
