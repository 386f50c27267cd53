import { hasAll, type Preset } from './preset.ts';

/**
 * Polygon: aggregates of the API (`t` is the bar's start in milliseconds, midnight of New York for days) and flat files
 * (`window_start` in nanoseconds).
 */
export const polygon: Preset = {
  name: 'polygon',
  columns: {
    windowstart: 'timestamp',
    transactions: 'trade_count',
    t: 'timestamp',
    o: 'open',
    h: 'high',
    l: 'low',
    c: 'close',
    v: 'volume',
    vw: 'vwap',
    n: 'trade_count',
    otc: null,
  },
  parse: {},
  prices: () => 'split_adjusted',
  // Alpaca names its members alike, and writes its times in ISO.
  recognises: ({ headers, first }) =>
    hasAll(headers, ['ticker', 'windowstart']) ||
    (hasAll(headers, ['t', 'o', 'h', 'l', 'c', 'vw']) && /^\d{12,13}$/.test(first[headers.indexOf('t')] ?? '')),
};
