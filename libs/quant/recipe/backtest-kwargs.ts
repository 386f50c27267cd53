import { z } from 'zod';
import { EXCHANGES } from '#kernel';
import { moment, momentOf, number, vtSymbol } from '../models/index.ts';

const LONGEST_WINDOW_YEARS = 50;

const share = () => z.number().min(0).max(1);
const annualRate = () => z.number().min(0).max(10).default(0);

const componentShape = z.strictObject({ class: z.string(), kwargs: z.record(z.string(), z.unknown()) });

const account = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('cash') }),
  z
    .strictObject({
      type: z.literal('margin'),
      initial: z.number().gt(0).max(1).default(0.5),
      maintenance_long: z.number().gt(0).max(1).default(0.25),
      maintenance_short: z.number().gt(0).max(1).default(0.3),
      max_leverage: z.number().gt(0).max(1_000).optional(),
    })
    .transform((given) => ({ ...given, max_leverage: given.max_leverage ?? 1 / given.initial })),
]);

/** `backtest.kwargs` after the short forms are expanded: trading.md 3.8, limits of trading.md 9. */
export const backtestKwargs = z
  .strictObject({
    start: moment.nullable().default(null),
    end: moment.nullable().default(null),
    interval: z.enum(['tick', '1s', '5s', '10s', '1m', '5m', '15m', '1h', '1d', '1w']).default('1d'),
    normalization: z.enum(['raw', 'split_adjusted', 'adjusted', 'total_return']).default('adjusted'),
    initial_cash: z.number().gt(0).max(1e12).default(100_000),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be a currency code of three letters')
      .default('USD'),
    account: account.default({ type: 'cash' }),
    slippage: componentShape.default({ class: 'bps', kwargs: { bps: 2 } }),
    commission: componentShape.default({ class: 'pct', kwargs: { rate: 0.0005 } }),
    max_participation: z.number().gt(0).max(1).default(1),
    limit_touch: z.enum(['through', 'touch']).default('through'),
    intrabar: z.enum(['adverse_first', 'adaptive', 'ohlc', 'olhc']).default('adverse_first'),
    on_insufficient: z.enum(['reduce', 'reject']).default('reduce'),
    cash_buffer: share().lt(1).default(0),
    min_order_value: number().min(0).default(10),
    min_drift: share().default(0),
    lot_size: z.number().min(1e-10).max(1e9).default(1),
    borrow_rate: annualRate(),
    cash_yield: annualRate(),
    debit_rate: annualRate(),
    not_borrowable: z.array(vtSymbol).max(5_000).default([]),
    close_at_end: z.boolean().default(false),
    metrics_freq: z.enum(['session', 'bar']).default('session'),
    mar: number().default(0),
    reentry: z.enum(['immediate', 'next_signal']).default('immediate'),
    calendar: z.enum(EXCHANGES).nullable().default(null),
    extended_hours: z.boolean().default(false),
    event_log: z.enum(['full', 'orders_only', 'off']).default('full'),
    benchmark: vtSymbol.nullable().default(null),
    risk_free: z.number().min(-1).max(10).default(0),
    seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(42),
  })
  .superRefine((given, context) => {
    if (given.start === null || given.end === null) return;
    const [start, end] = [momentOf(given.start), momentOf(given.end)];
    if (start >= end) context.addIssue({ code: 'custom', path: ['end'], message: 'must be after start' });
    else if (end > new Date(start).setUTCFullYear(new Date(start).getUTCFullYear() + LONGEST_WINDOW_YEARS))
      context.addIssue({ code: 'custom', path: ['end'], message: 'the window is longer than 50 years' });
  });
