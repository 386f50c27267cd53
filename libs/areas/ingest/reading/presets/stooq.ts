import { stemOf } from '../file-names.ts';
import type { Preset } from './preset.ts';

/** The site's file of `aapl.us` is named `aapl_us_d.csv`. */
const MARKET = /_(us|uk|de|jp|hk|hu|v)$/i;
const SITE = /^(\^[a-z0-9]+|[a-z0-9-]+[._](us|uk|de|jp|hk|hu|v))_[dw]$/i;

/** Stooq: the site's CSV, English and Polish, and the bulk files of MetaStock text (`AAPL.US`, `PER` D, 60 or 5). */
export const stooq: Preset = {
  name: 'stooq',
  columns: {
    date: 'timestamp',
    time: 'time',
    per: 'interval',
    openint: null,
    data: 'timestamp',
    czas: 'time',
    otwarcie: 'open',
    najwyzszy: 'high',
    najnizszy: 'low',
    zamkniecie: 'close',
    wolumen: 'volume',
  },
  parse: {},
  suffixes: { '.US': null, '.UK': 'LSE', '.V': null },
  intervals: { D: '1d', W: '1w', 60: '1h', 15: '15m', 5: '5m', 1: '1m' },
  prices: () => 'adjusted',
  recognises: ({ headers, filename }) =>
    (/^date,open,high,low,close(,volume)?$/.test(headers.join()) && filename !== null && SITE.test(stemOf(filename))) ||
    (headers.includes('per') && headers.includes('ticker') && headers.includes('close')) ||
    (headers.includes('otwarcie') && headers.includes('zamkniecie')),
  fromName: (stem) => {
    const named = /^([a-z0-9^._-]+?)_([dw])$/i.exec(stem);
    if (!named) return null;
    const ticker = named[1]!.replace(MARKET, '.$1');
    return { ticker, interval: named[2]!.toLowerCase() === 'd' ? '1d' : '1w' };
  },
};
