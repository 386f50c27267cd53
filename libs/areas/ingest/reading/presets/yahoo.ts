import { hasAll, OHLC, type Preset } from './preset.ts';

/**
 * Yahoo Finance: the site's CSV and what yfinance writes. Prices are split-adjusted; without `Adj Close` (auto_adjust)
 * for dividends, too.
 */
export const yahoo: Preset = {
  name: 'yahoo',
  columns: {
    date: 'timestamp',
    datetime: 'timestamp',
    adjclose: null,
    dividends: 'dividend',
    stocksplits: 'split',
    capitalgains: null,
    ticker: 'vt_symbol',
  },
  parse: { null_tokens: ['', 'NA', 'N/A', 'null', 'NULL', 'nan', 'NaN', '-'] },
  suffixes: { '.L': 'LSE' },
  prices: (headers) => (headers.has('adjclose') ? 'split_adjusted' : 'adjusted'),
  recognises: ({ headers, stated }) =>
    hasAll(headers, OHLC) &&
    // Tiingo has an adjusted column beside each raw one.
    !headers.includes('adjopen') &&
    (headers.includes('adjclose') ||
      (stated && /^(date|datetime),close,high,low,open,volume$/.test(headers.join())) ||
      hasAll(headers, ['dividends', 'stocksplits']) ||
      headers.includes('capitalgains')),
};
