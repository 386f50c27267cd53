import {
  SESSIONS,
  dailyBars,
  eventsOf,
  fillsOf,
  orderOf,
  ordersRecipe,
  recipe,
  run,
  type Ran,
} from '../../testing/builders.ts';
import { DEFAULT_LIMITS } from './risk-limits.ts';

const OPEN = Object.fromEntries(
  Object.keys(DEFAULT_LIMITS)
    .filter((key) => key !== 'restricted')
    .map((key) => [key, null]),
);
const flat = (price: number, volume: number | null = null): (number | null)[] => [
  price,
  price + 1,
  price - 1,
  price,
  volume,
];
const even = (price: number, volume: number | null = null): (number | null)[] => [price, price, price, price, volume];
const bars = dailyBars(SESSIONS.map(() => flat(100)));
const free = { slippage_bps: 0, commission_pct: 0 };
const margin = { ...free, account: { type: 'margin' } };

type Orders = Parameters<typeof ordersRecipe>[0];
function denied(orders: Orders, risk: object, kwargs: Record<string, unknown> = free): string[][] {
  return run({ ...ordersRecipe(orders, kwargs), risk: { ...OPEN, ...risk } }, bars).artifacts.orders.map(
    (order) => order.deny_codes,
  );
}

describe('orders of a backtest under a risk block', () => {
  const buy = { bar: 1, side: 'buy', quantity: 100 };
  const sell = { bar: 2, side: 'sell', quantity: 100 };

  it('count the working ones and those accepted before in the slice', () => {
    const resting = { ...buy, order_type: 'limit', limit_price: 90, quantity: 50 };
    expect(denied([resting, { ...buy, bar: 2, quantity: 150 }], { max_position_pct: 0.2 })).toEqual([[], []]);
    expect(denied([resting, { ...buy, quantity: 151 }, { ...buy, quantity: 150 }], { max_position_pct: 0.2 })).toEqual([
      [],
      ['max_position_pct'],
      [],
    ]);
  });

  it.each([
    ['cash', free],
    ['margin', margin],
  ])('sell more than is held only where shorts are allowed: %s', (kind, kwargs) => {
    expect(denied([buy, { ...sell, quantity: 101 }], { max_short_exposure: 0 }, kwargs)).toEqual([
      [],
      ['max_short_exposure'],
    ]);
    expect(denied([buy, sell], { max_short_exposure: 0 }, kwargs)).toEqual([[], []]);
    const opened = run({ ...ordersRecipe([buy, { ...sell, quantity: 101 }], kwargs), risk: OPEN }, bars);
    expect(fillsOf(opened)).toEqual(['buy 100 @ 100', `sell ${kind === 'cash' ? 100 : 101} @ 100`]);
  });

  it('are tested on what buying power leaves, or on what was asked for when nothing is left', () => {
    const order = { ...buy, quantity: 1_200 };
    const kept = run(
      { ...ordersRecipe([order], free), risk: { ...OPEN, max_position_pct: 1, max_order_qty: 1_000 } },
      bars,
    );
    expect(orderOf(kept, 'o-1')).toMatchObject({ status: 'filled', quantity: '1000', requested_quantity: '1200' });
    expect(denied([order], { max_order_qty: 1_000 }, { ...free, on_insufficient: 'reject' })).toEqual([
      ['insufficient_buying_power', 'max_order_qty'],
    ]);
  });

  it('wait out the duplicate window', () => {
    expect(denied([buy, buy], { duplicate_window_ms: 500 })).toEqual([[], ['duplicate']]);
    expect(denied([buy, { ...buy, bar: 2 }], { duplicate_window_ms: 86_400_000 })).toEqual([[], []]);
    expect(denied([buy, { ...buy, bar: 2 }], { duplicate_window_ms: 86_400_001 })).toEqual([[], ['duplicate']]);
  });

  it('spend the message bucket within a slice; denied ones take no token', () => {
    const orders = Array.from({ length: 5 }, (_, i) => ({ ...buy, quantity: i + 1 }));
    const risk = { max_messages_per_s: 1, message_burst: 3, max_order_qty: 3 };
    expect(denied([{ ...buy, quantity: 99 }, ...orders, { ...buy, bar: 2 }], { ...risk, max_order_qty: 98 })).toEqual([
      ['max_order_qty'],
      [],
      [],
      [],
      ['message_rate'],
      ['message_rate'],
      ['max_order_qty'],
    ]);
    expect(denied([...orders, { ...buy, bar: 2, quantity: 3 }], risk)).toEqual([
      [],
      [],
      [],
      ['max_order_qty', 'message_rate'],
      ['max_order_qty', 'message_rate'],
      [],
    ]);
  });

  it('name no restricted symbol, also by its bare ticker', () => {
    expect(denied([buy], { restricted: ['X.SIM'] })).toEqual([['restricted']]);
    const document = {
      ...ordersRecipe([{ ...buy, vt_symbol: 'AAPL.NASDAQ' }], free, ['AAPL.NASDAQ']),
      risk: { ...OPEN, restricted: ['AAPL'] },
    };
    expect(orderOf(run(document, dailyBars([flat(100), flat(100)], 'AAPL.NASDAQ')), 'o-1').deny_codes).toEqual([
      'restricted',
    ]);
  });

  it('open no short of what cannot be borrowed', () => {
    const kwargs = { ...margin, not_borrowable: ['X.SIM'] };
    expect(denied([{ ...sell, bar: 1 }], { max_short_exposure: 0 }, kwargs)).toEqual([
      ['max_short_exposure', 'not_borrowable'],
    ]);
    expect(denied([buy, { ...sell, quantity: 150 }], {}, kwargs)).toEqual([[], []]);
  });

  it('are held against the volume of completed sessions', () => {
    const traded = dailyBars([flat(100, 1_000), flat(100, 2_000), flat(100, 3_000)]);
    const codes = (quantity: number): string[] =>
      orderOf(
        run({ ...ordersRecipe([{ ...buy, bar: 2, quantity }], free), risk: { ...OPEN, max_adv_pct: 0.1 } }, traded),
        'o-1',
      ).deny_codes;
    expect([codes(150), codes(151)]).toEqual([[], ['max_adv_pct']]);
  });

  it('know the sectors of the instruments', () => {
    const document = {
      ...ordersRecipe([buy, { ...buy, vt_symbol: 'Y.SIM' }], free, ['X.SIM', 'Y.SIM']),
      risk: { ...OPEN, max_sector_pct: 0.15 },
    };
    const both = [...dailyBars([flat(100), flat(100)]), ...dailyBars([flat(100), flat(100)], 'Y.SIM')];
    const warned = (instruments: Record<string, { sector: string }>): Ran => run(document, both, { instruments });
    const result = warned({ 'X.SIM': { sector: 'Energy' }, 'Y.SIM': { sector: 'Energy' } });
    expect(result.warnings).toContainEqual(expect.objectContaining({ code: 'max_sector_pct', vt_symbol: 'Y.SIM' }));
    expect(result.artifacts.fills).toHaveLength(2);
    expect(warned({ 'X.SIM': { sector: 'Energy' }, 'Y.SIM': { sector: 'Water' } }).warnings).toEqual([]);
  });

  it('need a price that is not stale', () => {
    const document = {
      ...recipe({
        symbols: ['X.SIM', 'Y.SIM'],
        portfolio: { class: 'FixedWeights', kwargs: { weights: { 'X.SIM': 0.5, 'Y.SIM': 0.2 } } },
        kwargs: { ...free, min_order_value: 0 },
      }),
      risk: { ...OPEN, max_stale_intervals: 0.5 },
    };
    const both = [
      ...dailyBars([even(100), even(100), even(150), even(150)]),
      ...dailyBars([even(10), even(10)], 'Y.SIM'),
    ];
    const rows = run(document, both)
      .artifacts.orders.filter((order) => order.vt_symbol === 'Y.SIM')
      .map((order) => [order.submitted_at.slice(0, 10), order.deny_codes]);
    expect(rows).toEqual([
      [SESSIONS[0], []],
      [SESSIONS[2], ['stale_price']],
      [SESSIONS[3], ['stale_price']],
    ]);
  });

  it('that waited for another one are judged when it fills', () => {
    const group = { bar: 1, group_id: 'g', contingency: 'oto' };
    const orders = [
      { ...group, side: 'buy', quantity: 100 },
      { ...group, side: 'buy', quantity: 150 },
    ];
    const result = run({ ...ordersRecipe(orders, free), risk: { ...OPEN, max_position_pct: 0.2 } }, bars);
    expect(orderOf(result, 'o-2')).toMatchObject({
      parent_order_id: 'o-1',
      status: 'denied',
      deny_codes: ['max_position_pct'],
    });
    expect(fillsOf(result)).toEqual(['buy 100 @ 100']);
  });

  it('show each breach before the status that it causes', () => {
    const result = run({ ...ordersRecipe([{ ...buy, quantity: 300 }], free), risk: {} }, bars);
    const types = eventsOf(result)
      .filter((event) => ['ORDER', 'RISK', 'ORDER_STATUS'].includes(event['type'] as string))
      .map((event) => [event['type'], event['policy'] ?? event['status'] ?? event['order_id']]);
    expect(types).toEqual([
      ['ORDER', 'o-1'],
      ['RISK', 'R2'],
      ['RISK', 'R7'],
      ['RISK', 'R9'],
      ['ORDER_STATUS', 'denied'],
    ]);
  });
});
