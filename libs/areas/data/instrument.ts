import { parseVtSymbol } from '#kernel';

/** What a symbol is taken for when it first appears (data.md 14, S2). */
export interface InstrumentDefaults {
  readonly vtSymbol: string;
  readonly ticker: string;
  readonly exchange: string;
  readonly assetClass: 'equity' | 'index' | 'future' | 'crypto';
  readonly currency: string | null;
}

const ASSET_CLASSES: Readonly<Record<string, InstrumentDefaults['assetClass']>> = { CBOE: 'index', CME: 'future', BINANCE: 'crypto', COINBASE: 'crypto' };

export function instrumentDefaults(vtSymbol: string): InstrumentDefaults {
  const { ticker, exchange } = parseVtSymbol(vtSymbol);
  const assetClass = ASSET_CLASSES[exchange] ?? 'equity';
  return { vtSymbol: `${ticker}.${exchange}`, ticker, exchange, assetClass, currency: assetClass === 'crypto' ? null : exchange === 'LSE' ? 'GBP' : 'USD' };
}
