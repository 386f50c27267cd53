import {
  DASH,
  compact,
  decimal,
  isoDate,
  isoMinute,
  longDate,
  percent,
  price,
  quantity,
  signedDecimal,
  signedPercent,
} from './number-format.ts';

describe('numbers', () => {
  it('are grouped, with a true minus sign', () => {
    expect([
      decimal(-1234567.891),
      quantity(0.5),
      quantity(950),
      price(2971.6),
      price(0.00012345),
      percent(-0.05123),
    ]).toEqual(['−1,234,567.89', '0.5', '950', '2,971.60', '0.00012345', '−5.12%']);
  });

  it('carry a plus sign only where asked for, and none when they round to zero', () => {
    expect([
      signedPercent(0.05),
      signedPercent(-0.05),
      signedPercent(0.000001),
      signedPercent(-0.000001),
      signedDecimal(3),
    ]).toEqual(['+5.00%', '−5.00%', '0.00%', '0.00%', '+3.00']);
  });

  it('are a dash when they do not exist', () => {
    for (const format of [decimal, percent, signedPercent, signedDecimal, price, quantity])
      for (const value of [null, undefined, NaN, Infinity]) expect(format(value)).toBe(DASH);
  });

  it('shrink on axes', () => {
    expect([0, 950, 1_250, 2_500_000, -3e9].map((value) => compact(value))).toEqual([
      '0',
      '950',
      '1.25k',
      '2.5M',
      '−3B',
    ]);
  });
});

describe('dates', () => {
  it('are UTC, from milliseconds or text, and a dash when they are not dates', () => {
    const at = Date.UTC(2020, 3, 17, 23, 59);
    expect([isoDate(at), isoMinute('2020-04-17T23:59:00.000Z'), longDate(at)]).toEqual([
      '2020-04-17',
      '2020-04-17 23:59',
      '17 Apr 2020',
    ]);
    for (const format of [isoDate, isoMinute, longDate])
      for (const value of [null, undefined, 'soon', NaN, 1e300]) expect(format(value)).toBe(DASH);
  });
});
