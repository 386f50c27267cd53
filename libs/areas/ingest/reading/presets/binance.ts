import type { Interval } from '#quant/bars';
import { hasAll, OHLC, type Preset } from './preset.ts';

const NAMED = /^([A-Z0-9]+)[-_](\d{1,2}(?:s|m|h|d|w|mo|M))(?:[-_].*)?$/;
const STORED: Readonly<Record<string, Interval>> = {
  '1s': '1s',
  '1m': '1m',
  '5m': '5m',
  '15m': '15m',
  '1h': '1h',
  '1d': '1d',
  '1w': '1w',
};
const EPOCH = /^\d{13}(\d{3})?$/;

/** Binance: klines of the public archive with and without header, of the API as arrays, and the site's export. */
export const binance: Preset = {
  name: 'binance',
  columns: {
    opentime: 'timestamp',
    closetime: null,
    quotevolume: null,
    quoteassetvolume: null,
    count: 'trade_count',
    numberoftrades: 'trade_count',
    trades: 'trade_count',
    takerbuyvolume: null,
    takerbuyquotevolume: null,
    takerbuybaseassetvolume: null,
    takerbuyquoteassetvolume: null,
    ignore: null,
  },
  positions: ['timestamp', 'open', 'high', 'low', 'close', 'volume', null, null, 'trade_count', null, null, null],
  parse: {},
  exchange: 'BINANCE',
  prices: () => 'raw',
  recognises: ({ headers, headed, first }) =>
    headed
      ? hasAll(headers, [...OHLC, 'opentime', 'closetime'])
      : first.length >= 11 && first.length <= 12 && EPOCH.test(first[0] ?? '') && EPOCH.test(first[6] ?? ''),
  fromName: (stem) => {
    const named = NAMED.exec(stem);
    if (!named) return /^[A-Z0-9]{5,20}$/.test(stem) ? { ticker: stem } : null;
    const interval = STORED[named[2]!];
    return { ticker: named[1]!, ...(interval === undefined ? {} : { interval }) };
  },
};
