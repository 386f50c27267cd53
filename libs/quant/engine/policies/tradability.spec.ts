import { calendarFor, DAY_MS } from '../../calendars/index.ts';
import { barsClosedSince } from './bar-age.ts';
import { codesOf } from './testing/order-check.ts';

const sell = { side: 'sell', quantity: 1 } as const;

describe('R14 tradability', () => {
  it('lists what stands in the way', () => {
    const limits = { restricted: ['X.SIM'], max_position_pct: 0.000001 };
    expect(codesOf(sell, { limits, check: { unborrowable: true } })).toEqual([
      'max_position_pct',
      'restricted',
      'not_borrowable',
    ]);
    expect(codesOf({ ...sell, vtSymbol: 'Y.SIM' }, { limits: { restricted: ['X.SIM'] } })).toEqual([]);
  });

  it('asks only what needs no price when there is none', () => {
    expect(
      codesOf(
        { side: 'buy', quantity: 1_000 },
        { limits: { max_position_pct: 0.1, max_order_notional: 0.1, restricted: ['X.SIM'] }, check: { price: null } },
      ),
    ).toEqual(['restricted', 'not_tradable']);
  });
});

describe('R15 stale prices', () => {
  it.each([
    [3, []],
    [4, ['stale_price']],
  ])('judges an age of %d bars', (age, expected) => {
    expect(codesOf(sell, { limits: { max_stale_intervals: 3 }, check: { staleIntervals: () => age } })).toEqual(
      expected,
    );
  });

  const calendar = calendarFor('SIM');
  const bar = (label: string) => ({ label: Date.parse(label), day: Math.floor(Date.parse(label) / DAY_MS) });

  it('counts closed sessions after a daily bar', () => {
    const since = (now: string): number =>
      barsClosedSince(calendar, '1d', bar('2024-01-04T00:00:00Z'), Date.parse(now), false);
    expect([
      since('2024-01-04T21:00:00Z'),
      since('2024-01-05T20:59:59Z'),
      since('2024-01-05T21:00:00Z'),
      since('2024-01-08T21:00:00Z'),
      since('2024-01-16T21:00:00Z'),
    ]).toEqual([0, 0, 1, 2, 7]);
  });

  it('counts closed weeks after a weekly bar', () => {
    const since = (now: string): number =>
      barsClosedSince(calendar, '1w', bar('2024-01-02T00:00:00Z'), Date.parse(now), false);
    expect([
      since('2024-01-05T21:00:00Z'),
      since('2024-01-11T21:00:00Z'),
      since('2024-01-12T21:00:00Z'),
      since('2024-01-19T21:00:00Z'),
    ]).toEqual([0, 0, 1, 2]);
  });

  it('counts bars within sessions, across the night', () => {
    const since = (interval: '1m' | '1h', label: string, now: string): number =>
      barsClosedSince(calendar, interval, bar(label), Date.parse(now), false);
    expect(since('1m', '2024-01-04T14:30:00Z', '2024-01-04T14:31:00Z')).toBe(0);
    expect(since('1m', '2024-01-04T14:30:00Z', '2024-01-04T14:35:00Z')).toBe(4);
    expect(since('1m', '2024-01-04T20:59:00Z', '2024-01-05T14:33:00Z')).toBe(3);
    expect(since('1h', '2024-01-04T14:30:00Z', '2024-01-04T21:30:00Z')).toBe(6);
    expect(since('1h', '2024-01-04T20:30:00Z', '2024-01-05T15:30:00Z')).toBe(1);
  });
});
