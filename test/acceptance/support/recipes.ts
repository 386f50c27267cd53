import type { InlineBar } from './client.ts';

/** US equity sessions of the first weeks of 2024. */
export const SESSIONS = [
  '2024-01-02',
  '2024-01-03',
  '2024-01-04',
  '2024-01-05',
  '2024-01-08',
  '2024-01-09',
  '2024-01-10',
  '2024-01-11',
  '2024-01-12',
  '2024-01-16',
  '2024-01-17',
  '2024-01-18',
  '2024-01-19',
  '2024-01-22',
  '2024-01-23',
  '2024-01-24',
  '2024-01-25',
  '2024-01-26',
  '2024-01-29',
  '2024-01-30',
  '2024-01-31',
] as const;

type Quote = readonly [open: number, high: number, low: number, close: number, volume?: number | null];

/** Daily bars of one symbol on consecutive sessions. */
export function bars(
  quotes: readonly Quote[],
  vtSymbol = 'X.SIM',
  sessions: readonly string[] = SESSIONS,
): InlineBar[] {
  return quotes.map(([open, high, low, close, volume = null], index) => ({
    vt_symbol: vtSymbol,
    time: sessions[index] ?? '',
    open,
    high,
    low,
    close,
    volume,
  }));
}

interface Parts {
  symbols?: string[];
  models: Record<string, unknown>;
  kwargs?: Record<string, unknown>;
}

export function recipe({ symbols = ['X.SIM'], models, kwargs = {} }: Parts): Record<string, unknown> {
  return {
    strategy: {
      class: 'FrameworkAlgorithm',
      kwargs: { universe_model: { class: 'StaticUniverse', kwargs: { symbols } }, ...models },
    },
    backtest: { engine: 'event', kwargs },
  };
}

/** Weights at given sessions (1-based bars of SESSIONS). */
export function scheduledTargets(
  targets: readonly [bar: number, weight: number][],
  vtSymbol = 'X.SIM',
): Record<string, unknown> {
  return {
    portfolio_model: {
      class: 'ScheduledTargets',
      kwargs: { targets: targets.map(([bar, weight]) => ({ time: SESSIONS[bar - 1], vt_symbol: vtSymbol, weight })) },
    },
  };
}

/** Orders decided at given bars (1-based). */
export function scheduledOrders(
  orders: readonly [bar: number, order: Record<string, unknown>][],
  vtSymbol = 'X.SIM',
): Record<string, unknown> {
  return {
    execution_model: {
      class: 'ScheduledOrders',
      kwargs: { orders: orders.map(([bar, order]) => ({ time: SESSIONS[bar - 1], vt_symbol: vtSymbol, ...order })) },
    },
  };
}

export const market = (side: 'buy' | 'sell', quantity: number): Record<string, unknown> => ({
  side,
  order_type: 'market',
  quantity,
});
