import { decimal } from '../../decimal/index.ts';
import { PASSES, ratio, type Breach, type OrderCheck } from './policy.ts';
import type { RiskLimits } from './risk-limits.ts';

/** R16. */
export function dailyLoss({ dailyLoss: breach }: OrderCheck): readonly Breach[] {
  const found = breach();
  return found === null ? PASSES : [found];
}

/** R17. */
export function drawdown({ drawdown: breach }: OrderCheck): readonly Breach[] {
  const found = breach();
  return found === null ? PASSES : [found];
}

/** A mark as clients see it: 8 decimals. */
export function shownEquity(equity: number): decimal.Exact {
  return decimal.parseExact(equity.toFixed(decimal.MONEY_SCALE));
}

/** equity ≥ base·(1 − limit) passes; value and limit of a breach are negative. */
function lossBreach(code: string, equity: number, base: number, limit: number | null): Breach | null {
  if (limit === null) return null;
  const [e, b] = [shownEquity(equity), shownEquity(base)];
  const loss = decimal.subtract(b, e);
  return decimal.compare(loss, decimal.multiply(decimal.exact(limit), b)) > 0
    ? { code, value: ratio(decimal.negate(loss), b), limit: -limit }
    : null;
}

/**
 * Marks against the session open and the peak. The session opens at the last mark of the session before it, the first
 * one at the initial cash; the peak is the greatest mark since the start, initial cash included.
 */
export class LossMonitor {
  readonly #daily: number | null;
  readonly #drawdown: number | null;
  #equity: number;
  #open: number;
  #peak: number;
  #day = -1;

  constructor(limits: Pick<RiskLimits, 'max_daily_loss_pct' | 'max_drawdown_pct'>, initialCash: number) {
    this.#daily = limits.max_daily_loss_pct;
    this.#drawdown = limits.max_drawdown_pct;
    this.#equity = initialCash;
    this.#open = initialCash;
    this.#peak = initialCash;
  }

  /** Takes a mark of a session (days since 1970). False when both limits are far, without exact arithmetic. */
  mark(day: number, equity: number): boolean {
    if (day !== this.#day) {
      this.#open = this.#equity;
      this.#day = day;
    }
    this.#equity = equity;
    if (equity > this.#peak) this.#peak = equity;
    const floor = Math.max(this.#open * (1 - (this.#daily ?? 1)), this.#peak * (1 - (this.#drawdown ?? 1)));
    return equity < floor * (1 + 1e-9) + 1e-6;
  }

  dailyLoss(): Breach | null {
    return lossBreach('daily_loss', this.#equity, this.#open, this.#daily);
  }

  drawdown(): Breach | null {
    return lossBreach('drawdown', this.#equity, this.#peak, this.#drawdown);
  }
}
