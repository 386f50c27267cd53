import { parseDate, parseInstant } from './moments.ts';

describe('moments', () => {
  it.each([
    ['2024-01-02T14:30:00Z', '2024-01-02T14:30:00.000Z'],
    ['2024-02-29 23:59', '2024-02-29T23:59:00.000Z'],
    ['2024-01-02t09:30:00.25-05:00', '2024-01-02T14:30:00.250Z'],
    ['2024-01-02T09:30:00+0530', '2024-01-02T04:00:00.000Z'],
    ['2024-01-02T09:30z', '2024-01-02T09:30:00.000Z'],
  ])('reads %s', (text, instant) => expect(new Date(parseInstant(text)).toISOString()).toBe(instant));

  it.each([
    '2024-01-02T24:00:00Z',
    '2024-02-30T10:00:00Z',
    '2023-02-29T10:00:00Z',
    '2024-13-01T10:00:00Z',
    '2024-01-00T10:00:00Z',
    '2024-01-02T10:60:00Z',
    '2024-01-02T23:59:60Z',
    '2024-01-02',
    '2024-01-02T10',
    '1704205800',
    '',
  ])('takes %s for no instant', (text) => expect(parseInstant(text)).toBeNaN());

  it('reads days that exist', () => {
    expect([parseDate('2024-02-29'), parseDate('0099-12-31')]).toEqual([
      Date.UTC(2024, 1, 29),
      Date.parse('0099-12-31'),
    ]);
    for (const text of [
      '2024-02-30',
      '2023-02-29',
      '2024-04-31',
      '2024-13-01',
      '2024-00-10',
      '2024-01-00',
      '2024-1-2',
      '2024-01-02T00:00:00Z',
    ])
      expect(parseDate(text)).toBeNaN();
  });
});
