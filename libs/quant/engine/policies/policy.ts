import { decimal } from '../../decimal/index.ts';
import type { Order } from '../order.ts';
import type { Exposure } from './exposure.ts';
import type { RiskLimits } from './risk-limits.ts';

export type PolicyId = `R${number}`;
/** What a policy does about a breach: `block` denies, `warn` records, `halt` denies and ends trading. */
export type Severity = 'block' | 'warn' | 'halt';

/**
 * One limit that an order or a mark does not meet. Ratios are rounded to 10 decimals; null where there is no number to
 * show.
 */
export interface Breach {
  readonly code: string;
  readonly value: number | null;
  readonly limit: number | null;
  /** Where it differs from that of the policy. */
  readonly severity?: Severity;
}

export interface Finding extends Breach {
  readonly policy: PolicyId;
  readonly severity: Severity;
}

/** Volume of the last completed sessions of a symbol. */
export interface SessionVolume {
  readonly total: decimal.Exact;
  readonly sessions: number;
}

/** Everything policies read of one order, at one instant. Quantities in units, money in account currency. */
export interface OrderCheck {
  readonly order: Order;
  readonly limits: RiskLimits;
  /** What buying power left of the order, else what was asked for. */
  readonly quantity: decimal.Exact;
  /** Buying power leaves nothing. */
  readonly unaffordable: boolean;
  /** Sells more than is held of a symbol that cannot be borrowed. */
  readonly unborrowable: boolean;
  /** Equity at the last mark, 8 decimals. */
  readonly equity: decimal.Exact;
  /** Last close; null when the symbol has none or trades no more. */
  readonly price: decimal.Exact | null;
  /** Working orders and those accepted before in this slice, without this one. */
  readonly working: readonly Order[];
  /** With this order in it; null for an order that only reduces the position. */
  readonly exposure: Exposure | null;
  readonly sectorOf: (id: number) => string | null;
  /** Null = unknown. */
  readonly volume: () => SessionVolume | null;
  /** Bar closes of the calendar since the reference bar. */
  readonly staleIntervals: () => number;
  readonly messageBreach: () => Breach | null;
  /** Milliseconds since an equal order was accepted, null when there was none. */
  readonly sinceEqual: () => number | null;
  readonly dailyLoss: () => Breach | null;
  readonly drawdown: () => Breach | null;
}

export interface Policy {
  readonly id: PolicyId;
  readonly severity: Severity;
  /** Breaches in the order of the table; null where the policy does not apply to a backtest. */
  readonly evaluate: ((check: OrderCheck) => readonly Breach[]) | null;
}

export const PASSES: readonly Breach[] = [];

/** Codes that deny an order, in the order of the table. */
export function denials(findings: readonly Finding[]): string[] {
  return findings.filter((one) => one.severity !== 'warn').map((one) => one.code);
}

/** amount ≤ limit·base passes, compared as products. */
export function exceeds(amount: decimal.Exact, limit: number, base: decimal.Exact): boolean {
  return decimal.compare(amount, decimal.multiply(decimal.exact(limit), base)) > 0;
}

/** amount/base for display: 10 decimals, half-even; null for a base of 0. */
export function ratio(amount: decimal.Exact, base: decimal.Exact): number | null {
  return base.n === 0 ? null : decimal.unitsToNumber(decimal.quotientHalfEven(amount, base, 10), 10);
}

/** What buying power says of an order: how much it leaves, or the code with which it refuses. */
export interface Affordability {
  readonly quantity: number;
  readonly refusal: string | null;
}

/** The policies as a run asks them: one verdict per order, one look at every mark. */
export interface OrderGate {
  /** At every mark: R16 and R17. A breach cancels the working orders and ends trading; positions stay. */
  watch(): void;
  /**
   * What the policies find about an order beside the working ones; an order without a denial counts as accepted from
   * here on.
   */
  judge(order: Order, working: readonly Order[], affordable: Affordability): Finding[];
  /** The verdict on an order that waited for another one to fill: the codes that deny it. */
  release(order: Order): string[];
  /** The strategy cancelled an order: a message like any other. */
  cancelSent(): void;
  /** Writes the RISK events, and the warnings of the run. */
  report(findings: readonly Finding[], order?: Order): void;
}
