import { DomainError } from './errors.ts';

/** Exchanges that every installation knows (`market_calendars` is seeded with them). */
export const EXCHANGES = [
  'NASDAQ',
  'NYSE',
  'ARCA',
  'BATS',
  'CBOE',
  'CME',
  'LSE',
  'LOCAL',
  'BINANCE',
  'COINBASE',
  'SIM',
  'FX',
] as const;

export interface VtSymbol {
  ticker: string;
  exchange: string;
}

const TICKER = /^[A-Z0-9^][A-Z0-9._=^/-]{0,47}$/;
const EXCHANGE = /^[A-Z][A-Z0-9_]{0,15}$/;
const VISIBLE_ASCII = /^[\x21-\x7e]{1,64}$/;

export class SymbolError extends DomainError {
  constructor(code: 'bad_symbol' | 'unknown_exchange', detail: string) {
    super(422, code, { detail });
  }
}

/**
 * The one parser of `TICKER.EXCHANGE`, split at the last dot, upper-cased; `parse(format(x))` is the identity. Without
 * a dot the `defaultExchange` is taken, else `bad_symbol`. An exchange not in `exchanges` is `unknown_exchange`.
 * Source: data.md 14, S1.
 */
export function parseVtSymbol(
  text: string,
  options: { defaultExchange?: string; exchanges?: Iterable<string> } = {},
): VtSymbol {
  if (!VISIBLE_ASCII.test(text)) throw new SymbolError('bad_symbol', 'A symbol has 1 to 64 visible ASCII characters.');
  const upper = text.toUpperCase();
  const dot = upper.lastIndexOf('.');
  const ticker = dot < 0 ? upper : upper.slice(0, dot);
  const exchange = dot < 0 ? options.defaultExchange : upper.slice(dot + 1);
  if (exchange === undefined) throw new SymbolError('bad_symbol', 'A symbol is TICKER.EXCHANGE, such as AAPL.NASDAQ.');
  if (!TICKER.test(ticker) || !EXCHANGE.test(exchange))
    throw new SymbolError('bad_symbol', 'A symbol is TICKER.EXCHANGE, such as AAPL.NASDAQ.');
  const known = options.exchanges ?? EXCHANGES;
  for (const name of known) if (name === exchange) return { ticker, exchange };
  throw new SymbolError('unknown_exchange', `The exchange ${exchange} is not known. Known: ${[...known].join(', ')}.`);
}

export function formatVtSymbol(symbol: VtSymbol): string {
  return `${symbol.ticker}.${symbol.exchange}`;
}
