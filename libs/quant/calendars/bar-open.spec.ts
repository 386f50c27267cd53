import { barOpen, firstOpenFrom, lastSessionBefore } from './bar-open.ts';
import { calendarFor } from './calendar-for.ts';
import { DAY_MS } from './civil-dates.ts';

const at = (text: string): number => Date.parse(text);
const opens = (exchange: string, interval: string, label: string): string =>
  new Date(barOpen(calendarFor(exchange), interval, at(label))).toISOString().slice(0, 16);

describe('the instant at which a bar opens', () => {
  it.each([
    ['NYSE', '1d', '2024-01-05', '2024-01-05T14:30'],
    ['NYSE', '1d', '2024-07-05', '2024-07-05T13:30'],
    ['LSE', '1d', '2024-01-05', '2024-01-05T08:00'],
    ['LSE', '1d', '2024-07-05', '2024-07-05T07:00'],
    ['CME', '1d', '2024-01-05', '2024-01-04T23:00'],
    ['CME', '1d', '2024-01-08', '2024-01-07T23:00'],
    ['BINANCE', '1d', '2024-01-05', '2024-01-05T00:00'],
    ['LOCAL', '1d', '2024-01-05', '2024-01-05T14:30'],
    ['LOCAL', '1d', '2024-01-06', '2024-01-06T14:30'],
    ['NYSE', '1w', '2024-01-16', '2024-01-16T14:30'],
    ['NYSE', '1w', '2024-01-15', '2024-01-16T14:30'],
    ['LSE', '1w', '2024-01-15', '2024-01-15T08:00'],
    ['CME', '1w', '2024-01-15', '2024-01-14T23:00'],
    ['BINANCE', '1w', '2024-01-15', '2024-01-15T00:00'],
    ['NYSE', '1h', '2024-01-05T15:30:00Z', '2024-01-05T15:30'],
    ['CME', '15m', '2024-01-04T23:15:00Z', '2024-01-04T23:15'],
  ])('%s %s %s: %s', (exchange, interval, label, expected) => {
    expect(opens(exchange, interval, label)).toBe(expected);
  });

  it('is not there where a calendar that is not lenient has no session', () => {
    expect(barOpen(calendarFor('NYSE'), '1d', at('2024-01-06'))).toBeNaN();
  });

  it('is that of the session for every daily bar of every calendar', () => {
    for (const exchange of ['NASDAQ', 'LSE', 'CME', 'BINANCE'])
      for (const session of calendarFor(exchange).sessions('2019-01-01', '2024-12-31'))
        expect(barOpen(calendarFor(exchange), '1d', session.label)).toBe(session.open);
  });
});

describe('sessions around an instant', () => {
  const day = (text: string): number => at(text) / DAY_MS;

  it.each([
    ['NYSE', '2024-01-06', 'regular', '2024-01-08T14:30'],
    ['NYSE', '2024-01-05', 'extended', '2024-01-05T09:00'],
    ['CME', '2024-01-06', 'extended', '2024-01-07T23:00'],
    ['BINANCE', '2024-01-06', 'regular', '2024-01-06T00:00'],
  ] as const)('%s opens on or after %s (%s) at %s', (exchange, date, hours, expected) => {
    expect(new Date(firstOpenFrom(calendarFor(exchange), day(date), hours)).toISOString().slice(0, 16)).toBe(expected);
  });

  it.each([
    ['NYSE', '2024-01-05T14:30:00Z', 'regular', '2024-01-04'],
    ['NYSE', '2024-01-05T14:30:00.001Z', 'regular', '2024-01-05'],
    ['NYSE', '2024-01-05T01:00:00Z', 'extended', '2024-01-04'],
    ['CME', '2024-01-04T23:30:00Z', 'regular', '2024-01-05'],
    ['BINANCE', '2024-01-05T00:00:00Z', 'regular', '2024-01-04'],
    ['NYSE', '2024-01-07T12:00:00Z', 'regular', '2024-01-05'],
  ] as const)('%s: before %s (%s) the last session was %s', (exchange, instant, hours, expected) => {
    expect(lastSessionBefore(calendarFor(exchange), at(instant), hours)).toBe(day(expected));
  });
});
