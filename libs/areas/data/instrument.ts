import { parseVtSymbol } from '#kernel';

/** What a symbol is taken for when it first appears (data.md 14, S2). */
export interface InstrumentDefaults {
  readonly vtSymbol: string;
  readonly ticker: string;
  readonly exchange: string;
  readonly assetClass: 'equity' | 'index' | 'future' | 'crypto' | 'fx';
  readonly currency: string | null;
}

const ASSET_CLASSES: Readonly<Record<string, InstrumentDefaults['assetClass']>> = {
  CBOE: 'index',
  CME: 'future',
  BINANCE: 'crypto',
  COINBASE: 'crypto',
  FX: 'fx',
};
/** `EURUSD`, `EUR/USD`, `EUR_USD`. */
const PAIR = /^[A-Z]{3}[/_-]?([A-Z]{3})$/;

export function instrumentDefaults(vtSymbol: string): InstrumentDefaults {
  const { ticker, exchange } = parseVtSymbol(vtSymbol);
  const assetClass = ASSET_CLASSES[exchange] ?? 'equity';
  return {
    vtSymbol: `${ticker}.${exchange}`,
    ticker,
    exchange,
    assetClass,
    currency: currencyOf(ticker, exchange, assetClass),
  };
}

/** Of a currency pair the second one: its prices are in that. */
function currencyOf(ticker: string, exchange: string, assetClass: InstrumentDefaults['assetClass']): string | null {
  if (assetClass === 'crypto') return null;
  if (assetClass === 'fx') return PAIR.exec(ticker)?.[1] ?? 'USD';
  return exchange === 'LSE' ? 'GBP' : 'USD';
}
