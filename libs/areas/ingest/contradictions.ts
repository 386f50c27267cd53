import { DomainError, EXCHANGES, type FieldError, parseVtSymbol, SymbolError, ValidationError } from '#kernel';
import type { Interval } from '#quant/bars';
import type { z } from 'zod';
import { INTERVALS, type MappingSchema, type ParseSchema } from './ingest-options.ts';
import { SymbolTexts } from './reading/symbol-texts.ts';

type Parse = z.infer<typeof ParseSchema>;
type Mapping = z.infer<typeof MappingSchema>;

/** Words for intervals that other tools use for a stored one. */
const MEANT: Readonly<Record<string, Interval>> = {
  '60m': '1h',
  '60min': '1h',
  '1min': '1m',
  '5min': '5m',
  '15min': '15m',
  '1hour': '1h',
  h: '1h',
  '1day': '1d',
  d: '1d',
  daily: '1d',
  day: '1d',
  '24h': '1d',
  '1wk': '1w',
  w: '1w',
  weekly: '1w',
  week: '1w',
  '7d': '1w',
  '1440': '1d',
  '60': '1h',
};

/**
 * 422 `contradictory_options` for options of which each is good and that cannot both hold; `decimal` as it will be
 * used.
 */
export function checkParse(parse: Parse): void {
  const { thousands, decimal = '.', delimiter, quote = '"', escape, date_format: format, epoch_unit: unit } = parse;
  if (thousands !== undefined && thousands === decimal) {
    throw contradiction(
      '/parse/thousands',
      `is ${quoted(thousands)} as decimal ` +
        `is${parse.decimal === undefined ? ' by default' : ''}; accepted: another character, such as ` +
        `${quoted(decimal === '.' ? ',' : '.')}, or another decimal`,
    );
  }
  if (thousands !== undefined && /[\d+\-eE]/.test(thousands))
    throw contradiction(
      '/parse/thousands',
      `is ${quoted(thousands)}, a character of numbers; accepted: such as ${quoted(decimal === '.' ? ',' : '.')}`,
    );
  if (delimiter !== undefined && delimiter === quote)
    throw contradiction(
      '/parse/delimiter',
      `is ${quoted(delimiter)} as quote is; accepted: another character, such as ${quoted(',')}`,
    );
  if (delimiter !== undefined && /[0-9.+-]/.test(delimiter))
    throw contradiction(
      '/parse/delimiter',
      `is ${quoted(delimiter)}, a character of numbers; accepted: another one, such as ${quoted(';')}`,
    );
  if (delimiter !== undefined && /[\r\n]/.test(delimiter))
    throw contradiction('/parse/delimiter', 'is a line break, which ends the row; accepted: another character');
  if (escape !== undefined && (escape === delimiter || escape === decimal))
    throw contradiction(
      '/parse/escape',
      `is ${quoted(escape)} as ` +
        `${escape === delimiter ? 'delimiter' : 'decimal'} is; accepted: another character, such as ${quoted('"')}`,
    );
  if (quote !== '' && quote === decimal)
    throw contradiction('/parse/quote', `is ${quoted(quote)} as decimal is; accepted: another character`);
  if (format !== undefined && unit !== undefined)
    throw contradiction(
      '/parse/epoch_unit',
      `is ${quoted(unit)} beside date_format ${quoted(format)}, which reads texts; accepted: one of them`,
    );
}

/** 422 for constants and suffixes that no row could use: `bad_interval`, `unknown_exchange`, `bad_symbol`. */
export function checkConstants(
  { constants = {}, suffixes = {} }: Mapping,
  exchange: string | null,
  vendorSuffixes: Readonly<Record<string, string | null>>,
): void {
  const { interval, vt_symbol: symbol } = constants;
  if (interval !== undefined && !(INTERVALS as readonly string[]).includes(interval))
    throw badInterval(interval, INTERVALS);
  const known = (text: string, pointer: string): void => {
    if (!(EXCHANGES as readonly string[]).includes(text.toUpperCase()))
      throw refusal(
        'unknown_exchange',
        pointer,
        `The exchange ${text} is not known.`,
        `is ${quoted(text)}; accepted: ${EXCHANGES.join(', ')}`,
      );
  };
  for (const target of ['split', 'dividend'])
    if (constants[target] !== undefined)
      throw contradiction(
        `/mapping/constants/${target}`,
        'would be of every session; accepted: a column of the file in mapping.columns',
      );
  if (constants['fold'] !== undefined && !/^[01]$/.test(constants['fold']))
    throw new ValidationError([{ pointer: '/mapping/constants/fold', code: 'enum', message: 'must be 0 or 1' }]);
  if (constants['exchange'] !== undefined) known(constants['exchange'], '/mapping/constants/exchange');
  for (const [suffix, text] of Object.entries(suffixes))
    known(text, `/mapping/suffixes/${suffix.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  if (symbol === undefined) return;
  try {
    const { ticker, exchange: at } = new SymbolTexts({
      exchanges: EXCHANGES,
      exchange,
      suffixes: { ...vendorSuffixes, ...suffixes },
    }).ofText(symbol);
    parseVtSymbol(`${ticker}.${at}`);
  } catch (error) {
    if (!(error instanceof SymbolError)) throw error;
    throw refusal(
      error.code,
      '/mapping/constants/vt_symbol',
      error.message,
      `is ${quoted(symbol)}; accepted: TICKER.EXCHANGE, such as AAPL.NASDAQ, or a ticker beside ` +
        `mapping.constants.exchange`,
    );
  }
}

/** 422 `contradictory_options` when the table does not hold bars of the constant interval. */
export function checkTable(table: string, held: readonly Interval[], interval: string | undefined): void {
  if (interval === undefined || held.includes(interval as Interval)) return;
  throw contradiction(
    '/target/table',
    `is ${table}, which holds ` +
      `${held.join(', ')}, and mapping.constants.interval is ` +
      `${quoted(interval)}; accepted: ` +
      `${interval === '1d' || interval === '1w' ? 'bars_daily' : 'bars_intraday'}, or no table`,
  );
}

function badInterval(interval: string, accepted: readonly string[]): DomainError {
  const lower = interval.toLowerCase();
  // `1M` is a month everywhere.
  const meant = MEANT[lower] ?? (interval === '1M' ? undefined : INTERVALS.find((candidate) => candidate === lower));
  return refusal(
    'bad_interval',
    '/mapping/constants/interval',
    `Bars of the interval ${interval} are not stored.`,
    `is ${quoted(interval)}; accepted: ${accepted.join(', ')}`,
    meant === undefined ? 'Longer intervals are made of stored ones when they are read.' : `Say ${meant}.`,
  );
}

function contradiction(pointer: string, message: string): DomainError {
  return refusal('contradictory_options', pointer, `${pointer.slice(1).replaceAll('/', '.')} ${message}.`, message);
}

function refusal(code: string, pointer: string, detail: string, message: string, hint?: string): DomainError {
  const errors: FieldError[] = [{ pointer, code, message }];
  return new DomainError(422, code, { detail, errors, ...(hint === undefined ? {} : { hint }) });
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
