import { z } from 'zod';
import { SymbolError, parseVtSymbol } from '#kernel';
import { number } from '../models/index.ts';

const fraction = () => number().gt(0).nullable().optional();
const count = () => z.number().int().min(1).max(1e9).nullable().optional();
const milliseconds = () => number().min(0).nullable().optional();

/** A symbol, kept as written; a bare ticker is of NASDAQ. */
const symbol = () =>
  z.string().superRefine((text, context) => {
    try {
      parseVtSymbol(text, { defaultExchange: 'NASDAQ' });
    } catch (error) {
      if (!(error instanceof SymbolError)) throw error;
      context.addIssue({ code: 'custom', message: error.message, params: { code: error.code } });
    }
  });

/** Keys of trading.md 8.3; kept as written, no default filled in (trading.md 8.10). */
export const riskBlock = z.strictObject({
  max_position_pct: fraction(),
  max_concentration_pct: fraction(),
  max_gross_exposure: fraction(),
  max_net_exposure: fraction(),
  max_short_exposure: number().min(0).nullable().optional(),
  max_sector_pct: fraction(),
  max_order_notional: fraction(),
  max_order_qty: fraction(),
  price_collar_pct: fraction(),
  max_adv_pct: fraction(),
  max_messages_per_s: fraction(),
  message_burst: count(),
  max_messages_per_day: count(),
  max_open_orders: count(),
  max_open_orders_per_symbol: count(),
  duplicate_window_ms: milliseconds(),
  restricted: z.array(symbol()).max(5_000).optional(),
  max_stale_intervals: fraction(),
  max_daily_loss_pct: fraction(),
  max_drawdown_pct: fraction(),
  reject_streak: count(),
  reject_window_s: milliseconds(),
  max_aggregate_credit: fraction(),
  capital: fraction(),
});

export type RiskBlock = z.infer<typeof riskBlock>;

const component = (known: string, kwargs: z.ZodType) =>
  z.union([z.literal(known), z.strictObject({ class: z.literal(known), kwargs: kwargs.optional() })]);

export const sessionBlock = z.strictObject({
  model_urn: z.string().max(300).nullable().optional(),
  pipeline_urn: z.string().max(300).nullable().optional(),
  heartbeat_seconds: number().gt(0).optional(),
  state_flush_every_bars: count(),
  history_window_bars: count(),
  max_bars: count(),
  duration_minutes: number().gt(0).nullable().optional(),
  stop_on_kill_switch: z.literal(true).optional(),
  dry_run: z.boolean().optional(),
});

export const brokerageBlock = z.union([
  component(
    'sim',
    z.strictObject({ latency_ms: number().min(0).optional(), reject_rate: z.number().min(0).max(1).optional() }),
  ),
  component('alpaca_paper', z.strictObject({})),
]);

const speed = z.strictObject({ speed: number().min(0).optional() });
export const feedBlock = z.union([
  component('replay', speed),
  component('alpaca', z.strictObject({})),
  component('ibkr', z.strictObject({})),
  component('kafka', z.strictObject({})),
  component('rest_poll', z.strictObject({})),
]);
