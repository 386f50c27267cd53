import { barLabel, inlineBarsToSeries, type InlineBar } from './inline-bars.ts';

const bar = (time: string, close = 100, change: Partial<InlineBar> = {}): InlineBar => ({
  vt_symbol: 'X.SIM',
  time,
  open: close,
  high: close + 1,
  low: close - 1,
  close,
  volume: null,
  ...change,
});
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
    const { series, dropped } = inlineBarsToSeries(
      [
        bar('2024-01-03', 30),
        bar('2024-01-02', 20, { vt_symbol: 'a.sim' }),
        bar('2024-01-02', 10, { vt_symbol: 'x.sim', volume: 7 }),
      ],
      '1d',
    );
    expect(dropped).toBe(0);
    expect(series.map(({ vtSymbol, close, volume }) => [vtSymbol, [...close], [...volume]])).toEqual([
      ['A.SIM', [20], [NaN]],
      ['X.SIM', [10, 30], [7, NaN]],
    ]);
  });

  it('are labelled with their session, or with their open', () => {
    const label = (time: string, interval: '1d' | '5m'): number =>
      inlineBarsToSeries([bar(time)], interval).series[0]!.time[0]!;
    for (const time of ['2024-01-02', '2024-01-02T00:00:00Z', '2024-01-02T14:30:00Z', '2024-01-02 09:30:00-05:00'])
      expect(label(time, '1d')).toBe(Date.parse('2024-01-02'));
    expect(label('2024-01-02T14:30:00', '5m')).toBe(Date.parse('2024-01-02T14:30:00Z'));
    expect(refusal([bar('2024-01-06T14:30:00Z')])).toMatchObject({
      code: 'validation_failed',
      options: { errors: [{ pointer: '/data/inline/0/time', code: 'bad_time' }] },
    });
    expect(refusal([bar('2024-01-02')], '5m')).toMatchObject({ options: { errors: [{ code: 'bad_time' }] } });
    expect([
      barLabel('2024-01-02T00:00:00-05:00', 'X.SIM', '1d'),
      barLabel('2024-01-02T00:00:00Z', 'X.SIM', '5m'),
      barLabel('2024-01-02', 'X.SIM', '5m'),
    ]).toEqual([Date.parse('2024-01-02'), Date.parse('2024-01-02'), NaN]);
  });

  it('of a week are labelled with its first session, and are one', () => {
    const label = (time: string, vtSymbol = 'X.SIM'): number =>
      inlineBarsToSeries([bar(time, 100, { vt_symbol: vtSymbol })], '1w').series[0]!.time[0]!;
    for (const time of ['2024-01-15', '2024-01-16', '2024-01-15T00:00:00Z', '2024-01-16T14:30:00Z'])
      expect(label(time)).toBe(Date.parse('2024-01-16'));
    expect(label('2024-01-15', 'X.BINANCE')).toBe(Date.parse('2024-01-15'));
    for (const time of ['2024-01-17', '2024-01-19', '2024-01-21', '2024-01-17T14:30:00Z'])
      expect(refusal([bar(time)], '1w')).toMatchObject({
        code: 'validation_failed',
        options: { errors: [{ pointer: '/data/inline/0/time', code: 'bad_time' }] },
      });
    expect(refusal([bar('2024-01-15'), bar('2024-01-16')], '1w')).toMatchObject({
      code: 'bad_bar',
      options: { errors: [{ pointer: '/data/inline/1', code: 'duplicate' }] },
    });
    expect([barLabel('2024-01-15', 'X.SIM', '1w'), barLabel('2024-01-18', 'X.SIM', '1w')]).toEqual([
      Date.parse('2024-01-16'),
      NaN,
    ]);
  });

  it('are refused with the first 20 bad rows in the order sent, or left out and counted', () => {
    const rows = [
      bar('2024-01-03'),
      bar('2024-01-02'),
      bar('2024-01-03', 5),
      bar('2024-01-04', 1, { low: 2 }),
      bar('2024-01-05', 1, { high: 0.5, low: 0.4 }),
      bar('2024-01-08', 1, { high: 1, low: 2 }),
      bar('2024-01-09', 0),
      bar('2024-01-10', 1, { volume: -1, low: 0.5 }),
    ];
    expect(refusal(rows)).toMatchObject({
      status: 422,
      code: 'bad_bar',
      options: {
        errors: [
          { pointer: '/data/inline/2', code: 'duplicate' },
          { pointer: '/data/inline/3', code: 'low_too_high' },
          { pointer: '/data/inline/4', code: 'high_too_low' },
          { pointer: '/data/inline/5', code: 'high_low_inverted' },
          { pointer: '/data/inline/6', code: 'price_not_positive' },
          { pointer: '/data/inline/7', code: 'negative_volume' },
        ],
      },
    });
    const kept = inlineBarsToSeries(rows, '1d', { repair: 'drop' });
    expect([kept.dropped, [...kept.series[0]!.close]]).toEqual([6, [100, 100]]);
    expect(
      (refusal(Array.from({ length: 30 }, () => bar('2024-01-03', 0)))['options'] as { errors: unknown[] }).errors,
    ).toHaveLength(20);
    expect(inlineBarsToSeries([bar('2024-01-03', 0)], '1d', { repair: 'drop' })).toEqual({
      series: [],
      dropped: 1,
      clamped: {},
    });
  });

  it('F9 have a high or low moved by a rounding hair with clamp, and no further', () => {
    const rows = [
      bar('2024-01-02', 100, { high: 100 * (1 - 9e-7), low: 99 }),
      bar('2024-01-03', 100, { low: 100 * (1 + 9e-7), high: 101 }),
      bar('2024-01-04', 100, { high: 99.99999, low: 100.00001 }),
      bar('2024-01-05', 100, { vt_symbol: 'Y.SIM' }),
      bar('2024-01-08'),
    ];
    const { series, dropped, clamped } = inlineBarsToSeries(rows, '1d', { repair: 'clamp' });
    expect([dropped, clamped]).toEqual([0, { 'X.SIM': 3 }]);
    expect([[...series[0]!.high], [...series[0]!.low]]).toEqual([
      [100, 101, 100, 101],
      [99, 100, 100, 99],
    ]);
    for (const [bad, code] of [
      [bar('2024-01-09', 100, { high: 99.9 }), 'high_too_low'],
      [bar('2024-01-09', 100, { low: 100.001, high: 101 }), 'low_too_high'],
      [bar('2024-01-08'), 'duplicate'],
      [bar('2024-01-09', 0), 'price_not_positive'],
    ] as const) {
      expect(() => inlineBarsToSeries([...rows, bad], '1d', { repair: 'clamp' })).toThrow(
        expect.objectContaining({
          code: 'bad_bar',
          options: expect.objectContaining({
            errors: [{ pointer: '/data/inline/5', code, message: expect.any(String) }],
          }),
        }),
      );
    }
    // A millionth is within the limit, two are not.
    const edge = [
      bar('2024-01-02', 100, { high: 99.9999, low: 99 }),
      bar('2024-01-03', 100, { high: 101, low: 100.0001 }),
    ];
    expect(inlineBarsToSeries(edge, '1d', { repair: 'clamp' }).clamped).toEqual({ 'X.SIM': 2 });
    expect(() =>
      inlineBarsToSeries([bar('2024-01-02', 100, { high: 99.9998, low: 99 })], '1d', { repair: 'clamp' }),
    ).toThrow(expect.objectContaining({ code: 'bad_bar' }));
    expect(rows[0]!.high).toBe(100 * (1 - 9e-7));
    expect(() => inlineBarsToSeries(rows.slice(0, 1), '1d')).toThrow(
      expect.objectContaining({ options: expect.objectContaining({ detail: '1 bar is not acceptable.' }) }),
    );
  });

  it('show the time that fits no session, and the nearest one', () => {
    expect(refusal([bar('2024-01-06T14:30:00Z')])).toMatchObject({
      options: {
        errors: [
          {
            message: expect.stringMatching(
              /^2024-01-06T14:30:00Z is .*the nearest is 2024-01-05, 2024-01-05T14:30:00Z to 2024-01-05T21:00:00Z$/,
            ),
          },
        ],
      },
    });
    expect(refusal([bar('2024-01-17')], '1w')).toMatchObject({
      options: { errors: [{ message: expect.stringContaining('2024-01-17 is within the week of 2024-01-16') }] },
    });
    expect(refusal([bar('2024-01-02')], '5m')).toMatchObject({
      options: { errors: [{ message: "2024-01-02 must be the RFC 3339 instant of the bar's open" }] },
    });
  });

  it('F10 are read as schedules are, by the symbol they name', () => {
    for (const time of [
      '2024-01-03T00:00:00-05:00',
      '2024-01-03T05:00:00Z',
      '2024-01-03T21:00:00Z',
      '2024-01-03T16:00:00',
      '2024-01-03T00:00:00+08:00',
      '2024-01-03 09:30',
    ]) {
      expect([
        barLabel(time, 'X.NASDAQ', '1d'),
        inlineBarsToSeries([bar(time, 100, { vt_symbol: 'X.NASDAQ' })], '1d').series[0]!.time[0],
      ]).toEqual([Date.parse('2024-01-03'), Date.parse('2024-01-03')]);
    }
    expect([
      barLabel('2024-01-03T22:00:00Z', 'EURUSD.FX', '1d'),
      barLabel('2024-01-03T22:00:00Z', 'ES.CME', '1d'),
    ]).toEqual([Date.parse('2024-01-04'), Date.parse('2024-01-03')]);
  });

  it('name the row of a symbol or number that is none', () => {
    expect(refusal([bar('2024-01-02'), bar('2024-01-02', 1, { vt_symbol: 'X' })])).toMatchObject({
      code: 'bad_symbol',
      options: { errors: [{ pointer: '/data/inline/1/vt_symbol' }] },
    });
    expect(refusal([bar('2024-01-02', 1, { vt_symbol: 'X.MOON' })])).toMatchObject({ code: 'unknown_exchange' });
    expect(refusal([bar('2024-01-02', 1, { high: 1e16, volume: 2e15 })])).toMatchObject({
      code: 'validation_failed',
      options: {
        errors: [{ pointer: '/data/inline/0/high', code: 'bad_number' }, { pointer: '/data/inline/0/volume' }],
      },
    });
  });
});
