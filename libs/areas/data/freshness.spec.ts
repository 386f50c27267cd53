import { calendarFor } from '#quant/calendars';
import { coverage } from '#quant/market-data';
import { freshness } from './freshness.ts';

const at = (text: string): number => Date.parse(text);

describe('the freshness of bars', () => {
  it('counts the sessions that closed since the newest one', () => {
    const of = (now: string, delisted: string | null = null): number =>
      freshness('NASDAQ', '1d', at('2024-01-12'), delisted, at(now));
    expect([of('2024-01-12T23:00:00Z'), of('2024-01-15T23:00:00Z')]).toEqual([0, 0]);
    expect([of('2024-01-16T20:59:00Z'), of('2024-01-16T21:00:00Z'), of('2024-01-18T21:00:00Z')]).toEqual([0, 1, 3]);
    expect(of('2024-01-18T21:00:00Z', '2024-01-16')).toBe(1);
  });

  it.each(['NYSE', 'CME', 'LSE', 'BINANCE', 'LOCAL'])('is what the expected labels of %s say', (exchange) => {
    const now = at('2024-03-20T15:10:00Z');
    for (const interval of ['1m', '5m', '15m', '1h', '1d', '1w'] as const)
      for (let back = 0; back < 12 * 86_400_000; back += 7 * 3_600_000 + 60_000) {
        const newest = now - back;
        expect([interval, back, freshness(exchange, interval, newest, null, now)]).toEqual([
          interval,
          back,
          coverage(calendarFor(exchange), interval, Float64Array.of(newest), {
            from: '2024-03-01',
            to: '2024-03-21',
            now,
          }).behind,
        ]);
      }
  });

  it('asks the calendar of the exchange, by the session a bar was traded in', () => {
    expect(freshness('BINANCE', '1d', at('2024-01-12'), null, at('2024-01-15T12:00:00Z'))).toBe(2);
    expect(freshness('NYSE', '1m', at('2024-01-12T20:59:00Z'), null, at('2024-01-17T22:00:00Z'))).toBe(2);
    expect(freshness('CME', '1m', at('2024-01-11T23:30:00Z'), null, at('2024-01-12T12:00:00Z'))).toBe(0);
  });
});
