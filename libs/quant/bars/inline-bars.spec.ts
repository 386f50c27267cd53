import { barLabel, inlineBarsToSeries, type InlineBar } from './inline-bars.ts';

const bar = (time: string, close = 100, change: Partial<InlineBar> = {}): InlineBar => ({ vt_symbol: 'X.SIM', time, open: close, high: close + 1, low: close - 1, close, volume: null, ...change });
const refusal = (rows: readonly InlineBar[], interval: '1d' | '1w' | '5m' = '1d'): Record<string, unknown> => {
  try {
    inlineBarsToSeries(rows, interval);
  } catch (error) {
    return error as Record<string, unknown>;
  }
  throw new Error('accepted');
};

describe('inline bars', () => {
  it('become one ascending series per symbol, whatever their order and spelling', () => {
    const { series, dropped } = inlineBarsToSeries([bar('2024-01-03', 30), bar('2024-01-02', 20, { vt_symbol: 'a.sim' }), bar('2024-01-02', 10, { vt_symbol: 'x.sim', volume: 7 })], '1d');
    expect(dropped).toBe(0);
    expect(series.map(({ vtSymbol, close, volume }) => [vtSymbol, [...close], [...volume]])).toEqual([['A.SIM', [20], [NaN]], ['X.SIM', [10, 30], [7, NaN]]]);
  });

  it('are labelled with their session, or with their open', () => {
    const label = (time: string, interval: '1d' | '5m'): number => inlineBarsToSeries([bar(time)], interval).series[0]!.time[0]!;
    for (const time of ['2024-01-02', '2024-01-02T00:00:00Z', '2024-01-02T14:30:00Z', '2024-01-02 09:30:00-05:00']) expect(label(time, '1d')).toBe(Date.parse('2024-01-02'));
    expect(label('2024-01-02T14:30:00', '5m')).toBe(Date.parse('2024-01-02T14:30:00Z'));
    expect(refusal([bar('2024-01-06T14:30:00Z')])).toMatchObject({ code: 'validation_failed', options: { errors: [{ pointer: '/data/inline/0/time', code: 'bad_time' }] } });
    expect(refusal([bar('2024-01-02')], '5m')).toMatchObject({ options: { errors: [{ code: 'bad_time' }] } });
    expect([barLabel('2024-01-02T00:00:00-05:00', 'X.SIM', '1d'), barLabel('2024-01-02T00:00:00Z', 'X.SIM', '5m'), barLabel('2024-01-02', 'X.SIM', '5m')]).toEqual([Date.parse('2024-01-02'), Date.parse('2024-01-02'), NaN]);
  });

  it('of a week are labelled with its first session, and are one', () => {
    const label = (time: string, vtSymbol = 'X.SIM'): number => inlineBarsToSeries([bar(time, 100, { vt_symbol: vtSymbol })], '1w').series[0]!.time[0]!;
    for (const time of ['2024-01-15', '2024-01-16', '2024-01-15T00:00:00Z', '2024-01-16T14:30:00Z']) expect(label(time)).toBe(Date.parse('2024-01-16'));
    expect(label('2024-01-15', 'X.BINANCE')).toBe(Date.parse('2024-01-15'));
    for (const time of ['2024-01-17', '2024-01-19', '2024-01-21', '2024-01-17T14:30:00Z']) expect(refusal([bar(time)], '1w')).toMatchObject({ code: 'validation_failed', options: { errors: [{ pointer: '/data/inline/0/time', code: 'bad_time' }] } });
    expect(refusal([bar('2024-01-15'), bar('2024-01-16')], '1w')).toMatchObject({ code: 'bad_bar', options: { errors: [{ pointer: '/data/inline/1', code: 'duplicate' }] } });
    expect([barLabel('2024-01-15', 'X.SIM', '1w'), barLabel('2024-01-18', 'X.SIM', '1w')]).toEqual([Date.parse('2024-01-16'), NaN]);
  });

  it('are refused with the first 20 bad rows in the order sent, or left out and counted', () => {
    const rows = [
      bar('2024-01-03'), bar('2024-01-02'), bar('2024-01-03', 5), bar('2024-01-04', 1, { low: 2 }), bar('2024-01-05', 1, { high: 0.5, low: 0.4 }), bar('2024-01-08', 1, { high: 1, low: 2 }),
      bar('2024-01-09', 0), bar('2024-01-10', 1, { volume: -1, low: 0.5 }),
    ];
    expect(refusal(rows)).toMatchObject({ status: 422, code: 'bad_bar', options: { errors: [
      { pointer: '/data/inline/2', code: 'duplicate' }, { pointer: '/data/inline/3', code: 'low_too_high' }, { pointer: '/data/inline/4', code: 'high_too_low' },
      { pointer: '/data/inline/5', code: 'high_low_inverted' }, { pointer: '/data/inline/6', code: 'price_not_positive' }, { pointer: '/data/inline/7', code: 'negative_volume' },
    ] } });
    const kept = inlineBarsToSeries(rows, '1d', { repair: 'drop' });
    expect([kept.dropped, [...kept.series[0]!.close]]).toEqual([6, [100, 100]]);
    expect((refusal(Array.from({ length: 30 }, () => bar('2024-01-03', 0)))['options'] as { errors: unknown[] }).errors).toHaveLength(20);
    expect(inlineBarsToSeries([bar('2024-01-03', 0)], '1d', { repair: 'drop' })).toEqual({ series: [], dropped: 1 });
  });

  it('name the row of a symbol or number that is none', () => {
    expect(refusal([bar('2024-01-02'), bar('2024-01-02', 1, { vt_symbol: 'X' })])).toMatchObject({ code: 'bad_symbol', options: { errors: [{ pointer: '/data/inline/1/vt_symbol' }] } });
    expect(refusal([bar('2024-01-02', 1, { vt_symbol: 'X.MOON' })])).toMatchObject({ code: 'unknown_exchange' });
    expect(refusal([bar('2024-01-02', 1, { high: 1e16, volume: 2e15 })])).toMatchObject({ code: 'validation_failed', options: { errors: [{ pointer: '/data/inline/0/high', code: 'bad_number' }, { pointer: '/data/inline/0/volume' }] } });
  });
});
