import { concentration, portfolioExposure, positionSize, sectorExposure } from './exposure-limits.ts';
import { dailyLoss, drawdown } from './loss-limits.ts';
import { duplicate, messageRate, openOrders, selfCross } from './order-flow.ts';
import { buyingPower, orderSize, priceCollar, volumeShare } from './order-limits.ts';
import type { Finding, OrderCheck, Policy } from './policy.ts';
import { stalePrice, tradability } from './tradability.ts';

/**
 * The table of trading.md 8.3. The kill switch, the venue's rejections and the credit of the organisation mean nothing
 * to a backtest.
 */
export const POLICIES: readonly Policy[] = [
  { id: 'R1', severity: 'block', evaluate: null },
  { id: 'R2', severity: 'block', evaluate: positionSize },
  { id: 'R3', severity: 'warn', evaluate: concentration },
  { id: 'R4', severity: 'block', evaluate: portfolioExposure },
  { id: 'R5', severity: 'block', evaluate: buyingPower },
  { id: 'R6', severity: 'warn', evaluate: sectorExposure },
  { id: 'R7', severity: 'block', evaluate: orderSize },
  { id: 'R8', severity: 'block', evaluate: priceCollar },
  { id: 'R9', severity: 'block', evaluate: volumeShare },
  { id: 'R10', severity: 'block', evaluate: messageRate },
  { id: 'R11', severity: 'block', evaluate: openOrders },
  { id: 'R12', severity: 'block', evaluate: duplicate },
  { id: 'R13', severity: 'block', evaluate: selfCross },
  { id: 'R14', severity: 'block', evaluate: tradability },
  { id: 'R15', severity: 'block', evaluate: stalePrice },
  { id: 'R16', severity: 'halt', evaluate: dailyLoss },
  { id: 'R17', severity: 'halt', evaluate: drawdown },
  { id: 'R18', severity: 'halt', evaluate: null },
  { id: 'R19', severity: 'block', evaluate: null },
];

const NEED_NO_PRICE: ReadonlySet<string> = new Set(['R14', 'R16', 'R17']);

/** What every policy finds, in the order of the table. Without a price only those are asked that need none. */
export function evaluatePolicies(check: OrderCheck): Finding[] {
  const findings: Finding[] = [];
  for (const { id, severity, evaluate } of POLICIES) {
    if (evaluate === null || (check.price === null && !NEED_NO_PRICE.has(id))) continue;
    for (const breach of evaluate(check))
      findings.push({ ...breach, policy: id, severity: breach.severity ?? severity });
  }
  return findings;
}
