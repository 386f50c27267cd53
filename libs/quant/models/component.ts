import { z } from 'zod';
import { SymbolError, formatVtSymbol, parseDate, parseInstant, parseVtSymbol } from '#kernel';
import type { Interval } from '../bars/index.ts';

/** The place of a component in a recipe. */
export type Stage = 'universe' | 'alpha' | 'portfolio' | 'risk' | 'execution' | 'slippage' | 'commission';

/** A component as a recipe names it. */
export interface ComponentSpec {
  class: string;
  kwargs: Record<string, unknown>;
}

/** What a model may know of its run when it is built. */
export interface ModelEnvironment {
  interval: Interval;
  /** Builds a nested component, such as the members of Composite. */
  build(stage: Stage, component: ComponentSpec): unknown;
}

/**
 * One component that a recipe can name. A new model is one file that declares this, and one line in the registry of its
 * stage.
 */
export interface ComponentDefinition<K, M> {
  name: string;
  /** Other class names that recipes use, such as those of the ancestor. */
  aliases: readonly string[];
  tags: readonly string[];
  description: string;
  kwargs: z.ZodType<K>;
  /** Older names of kwargs: `{lookback: 'window'}`. */
  renamed?: Readonly<Record<string, string>>;
  sample: Record<string, unknown>;
  /** Bars of history this component needs before it can decide; default 0. */
  warmupBars?(kwargs: K): number;
  /** Stages that a recipe may leave out when this component stands in its own. */
  replaces?: readonly ('alpha' | 'portfolio')[];
  /** kwargs.models are components of this stage. */
  nested?: Stage;
  create(kwargs: K, environment: ModelEnvironment): M;
}

/** A definition as the registries hold it: kwargs are checked by its own schema before `create` sees them. */
export interface AnyComponent extends Omit<ComponentDefinition<never, unknown>, 'kwargs' | 'create' | 'warmupBars'> {
  kwargs: z.ZodType;
  warmupBars(kwargs: unknown): number;
  create(kwargs: unknown, environment: ModelEnvironment): unknown;
}

export function component<K, M>(definition: ComponentDefinition<K, M>): AnyComponent {
  return {
    ...definition,
    warmupBars: (kwargs) => definition.warmupBars?.(definition.kwargs.parse(kwargs)) ?? 0,
    create: (kwargs, environment) => definition.create(definition.kwargs.parse(kwargs), environment),
  };
}

const LARGEST = 1e15;

/** A finite number within ±1e15 (trading.md 9). */
export function number(): z.ZodNumber {
  return z.number().min(-LARGEST).max(LARGEST);
}

/** A look-back in bars: 1..5 000. */
export function lookback(): z.ZodNumber {
  return z.number().int().min(1).max(5_000);
}

export function weight(): z.ZodNumber {
  return z.number().min(-10).max(10);
}

/** A symbol of a recipe: a bare ticker is of NASDAQ, the stored form always names the exchange (data.md 14, S1). */
export const vtSymbol = z.string().transform((text, context) => {
  try {
    return formatVtSymbol(parseVtSymbol(text, { defaultExchange: 'NASDAQ' }));
  } catch (error) {
    if (!(error instanceof SymbolError)) throw error;
    context.addIssue({ code: 'custom', message: error.message, params: { code: error.code } });
    return z.NEVER;
  }
});

/** Milliseconds UTC of a date, its 00:00Z, or of an RFC 3339 instant; NaN when the text is neither. */
export function momentOf(text: string): number {
  const date = parseDate(text);
  return Number.isNaN(date) ? parseInstant(text) : date;
}

/**
 * A session date or an RFC 3339 instant, as written. As label of a bar: the date of a daily one, the open of an
 * intraday one.
 */
export const moment = z
  .string()
  .max(40)
  .refine((text) => !Number.isNaN(momentOf(text)), 'must be a date YYYY-MM-DD or an RFC 3339 instant');
