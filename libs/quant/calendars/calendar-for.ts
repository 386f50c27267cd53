import { SymbolError } from '#kernel';
import type { Calendar } from './calendar.ts';
import { RuleCalendar } from './rule-calendar.ts';
import { cme } from './rules/cme.ts';
import { fx } from './rules/fx.ts';
import { lse } from './rules/lse.ts';
import { roundTheClock } from './rules/round-the-clock.ts';
import type { CalendarRules } from './rules/rule-set.ts';
import { usEquity } from './rules/us-equity.ts';

const RULES_OF_EXCHANGE: Readonly<Record<string, CalendarRules>> = {
  NASDAQ: usEquity,
  NYSE: usEquity,
  ARCA: usEquity,
  BATS: usEquity,
  CBOE: usEquity,
  SIM: usEquity,
  LOCAL: usEquity,
  CME: cme,
  LSE: lse,
  BINANCE: roundTheClock,
  COINBASE: roundTheClock,
  FX: fx,
};

const calendars = new Map<string, Calendar>();

/**
 * The calendar of a seeded exchange. Its session tables are shared and worked out once a year. Throws 422
 * `unknown_exchange`.
 */
export function calendarFor(exchange: string): Calendar {
  const known = calendars.get(exchange);
  if (known) return known;
  const rules = Object.hasOwn(RULES_OF_EXCHANGE, exchange) ? RULES_OF_EXCHANGE[exchange] : undefined;
  if (!rules)
    throw new SymbolError(
      'unknown_exchange',
      `The exchange ${exchange} has no calendar. Known: ${Object.keys(RULES_OF_EXCHANGE).join(', ')}.`,
    );
  const calendar = new RuleCalendar(exchange, rules, { lenient: exchange === 'LOCAL' });
  calendars.set(exchange, calendar);
  return calendar;
}
