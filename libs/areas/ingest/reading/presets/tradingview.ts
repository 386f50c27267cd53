import { EXCHANGES } from '#kernel';
import type { Interval } from '#quant/bars';
import { type Preset } from './preset.ts';

/** A chart's file is named `NASDAQ_AAPL, 1D_a1b2c.csv`. */
const NAMED = /^([A-Z0-9]+)_([A-Z0-9.!_^-]+)(?:,\s*(\d*[SDWMH]?)(?:_[0-9a-f]+)?(?:\s*\(\d+\))?)?$/i;
const STORED: Readonly<Record<string, Interval>> = {
  '1S': '1s',
  '5S': '5s',
  '10S': '10s',
  '1': '1m',
  '5': '5m',
  '15': '15m',
  '60': '1h',
  '1H': '1h',
  D: '1d',
  '1D': '1d',
  W: '1w',
  '1W': '1w',
};

/**
 * TradingView: the export of a chart's data, times as epoch seconds or ISO. A daily bar has the instant of its
 * session's open.
 */
export const tradingview: Preset = {
  name: 'tradingview',
  columns: { time: 'timestamp', volumema: null },
  parse: {},
  prices: () => 'split_adjusted',
  recognises: ({ headers, filename }) =>
    headers.slice(0, 5).join() === 'time,open,high,low,close' &&
    !(filename !== null && /\.(json|ndjson|parquet|arrow|feather)/i.test(filename)),
  fromName: (stem) => {
    const named = NAMED.exec(stem);
    if (!named || !(EXCHANGES as readonly string[]).includes(named[1]!.toUpperCase())) return null;
    const interval = STORED[(named[3] ?? '').toUpperCase()];
    return { ticker: named[2]!, exchange: named[1]!.toUpperCase(), ...(interval === undefined ? {} : { interval }) };
  },
};
