import type { Interval } from '#quant/bars';
import { hasAll, OHLC, type Preset } from './preset.ts';

const STORED: Readonly<Record<string, Interval>> = {
  M1: '1m',
  M5: '5m',
  M15: '15m',
  H1: '1h',
  D1: '1d',
  DAILY: '1d',
  W1: '1w',
  WEEKLY: '1w',
  1: '1m',
  5: '5m',
  15: '15m',
  60: '1h',
  1440: '1d',
  10080: '1w',
};
/**
 * `EURUSD_M1_202401020000_202401022359` of MetaTrader 5, `EURUSD1440` of MetaTrader 4, `DAT_MT_EURUSD_M1_202401` of
 * HistData.
 */
const NAMED = /^(?:DAT_MT_)?([A-Z0-9.#&]+)_(M1|M5|M15|M30|H1|H4|D1|DAILY|W1|WEEKLY|MN1|MONTHLY)(?:_\d+)*$/i;
const NAMED_4 = /^([A-Z]{6}[A-Z.#]*)(1|5|15|30|60|240|1440|10080|43200)$/i;

/** MetaTrader 5 (tabs, `<DATE>`) and MetaTrader 4 (no header): dates with dots, times of the broker's server. */
export const metatrader: Preset = {
  name: 'metatrader',
  columns: { date: 'timestamp', time: 'time', tickvol: 'trade_count', vol: 'volume', spread: null },
  positions: ['timestamp', 'time', 'open', 'high', 'low', 'close', 'volume'],
  parse: { date_format: '%Y.%m.%d' },
  prices: () => 'raw',
  recognises: ({ headers, headed, first }) =>
    headed
      ? hasAll(headers, ['date', ...OHLC]) && (headers.includes('tickvol') || headers.includes('spread'))
      : /^\d{4}\.\d{2}\.\d{2}$/.test(first[0] ?? '') && /^\d{1,2}:\d{2}/.test(first[1] ?? ''),
  fromName: (stem) => {
    const named = NAMED.exec(stem) ?? NAMED_4.exec(stem);
    if (!named) return null;
    const interval = STORED[named[2]!.toUpperCase()];
    return { ticker: named[1]!, ...(interval === undefined ? {} : { interval }) };
  },
};
