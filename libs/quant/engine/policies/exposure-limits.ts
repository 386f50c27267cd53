import { decimal } from '../../decimal/index.ts';
import { PASSES, exceeds, ratio, type Breach, type OrderCheck } from './policy.ts';

/** R2: the symbol's value after the order, on the side the order moves it to. */
export function positionSize({ order, limits, exposure, equity }: OrderCheck): readonly Breach[] {
  const limit = limits.max_position_pct;
  if (limit === null || exposure === null) return PASSES;
  const { upper, lower } = exposure.bySymbol.get(order.id)!;
  const value = decimal.absolute(order.sign > 0 ? upper : lower);
  return exceeds(value, limit, equity) ? [{ code: 'max_position_pct', value: ratio(value, equity), limit }] : PASSES;
}

/** R3: the symbol's share of gross, once there are two names. */
export function concentration({ order, limits, exposure }: OrderCheck): readonly Breach[] {
  const limit = limits.max_concentration_pct;
  if (limit === null || exposure === null) return PASSES;
  let names = 0;
  for (const { term } of exposure.bySymbol.values()) if (term.n > 0) names++;
  const { term } = exposure.bySymbol.get(order.id)!;
  return names >= 2 && exceeds(term, limit, exposure.gross)
    ? [{ code: 'max_concentration_pct', value: ratio(term, exposure.gross), limit }]
    : PASSES;
}

/** R4: gross, net and short exposure of the portfolio. */
export function portfolioExposure({ limits, exposure, equity }: OrderCheck): readonly Breach[] {
  if (exposure === null) return PASSES;
  const breaches: Breach[] = [];
  for (const [code, amount] of [
    ['max_gross_exposure', exposure.gross],
    ['max_net_exposure', exposure.net],
    ['max_short_exposure', exposure.short],
  ] as const) {
    const limit = limits[code];
    if (limit !== null && exceeds(amount, limit, equity)) breaches.push({ code, value: ratio(amount, equity), limit });
  }
  return breaches;
}

/** R6: gross of the order's sector; a symbol of unknown sector is not tested. */
export function sectorExposure({ order, limits, exposure, equity, sectorOf }: OrderCheck): readonly Breach[] {
  const limit = limits.max_sector_pct;
  const sector = sectorOf(order.id);
  if (limit === null || exposure === null || sector === null) return PASSES;
  let amount: decimal.Exact = { n: 0, scale: 0 };
  for (const [id, { term }] of exposure.bySymbol) if (sectorOf(id) === sector) amount = decimal.add(amount, term);
  return exceeds(amount, limit, equity) ? [{ code: 'max_sector_pct', value: ratio(amount, equity), limit }] : PASSES;
}
