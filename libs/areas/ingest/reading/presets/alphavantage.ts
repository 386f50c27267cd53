import { hasAll, OHLC, type Preset } from './preset.ts';

/**
 * Alpha Vantage: daily, daily adjusted and intraday series. The prices of a daily series are raw, its adjusted close
 * stands beside them.
 */
export const alphavantage: Preset = {
  name: 'alphavantage',
  columns: {
    timestamp: 'timestamp',
    date: 'timestamp',
    adjustedclose: null,
    dividendamount: 'dividend',
    splitcoefficient: 'split',
  },
  parse: {},
  suffixes: { '.LON': 'LSE' },
  prices: () => 'raw',
  recognises: ({ headers, written, first }) =>
    hasAll(headers, OHLC) &&
    (headers.includes('splitcoefficient') ||
      headers.includes('adjustedclose') ||
      written.some((name) => /^1[ab]?\. open/.test(name)) ||
      (headers.join() === 'timestamp,open,high,low,close,volume' &&
        /^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$/.test(first[0] ?? ''))),
  fromName: (stem) => {
    const named =
      /^(?:daily|daily_adjusted|weekly|weekly_adjusted|intraday_(?:1|5|15|60)min|intraday)_(?:adjusted_)?([A-Z0-9.^-]+)$/i.exec(
        stem,
      );
    return named ? { ticker: named[1]!, ...(/^daily/i.test(stem) ? { interval: '1d' as const } : {}) } : null;
  },
};
