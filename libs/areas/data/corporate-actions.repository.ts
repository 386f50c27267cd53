import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { PriceAction } from '#quant/market-data';

export interface CorporateActionRow {
  vt_symbol: string;
  kind: 'split' | 'dividend' | 'rename' | 'merger' | 'delisting';
  ex_date: string;
  ratio: number | null;
  cash_amount: number | null;
  currency: string | null;
  new_vt_symbol: string | null;
}

/** Corporate actions as they were known at an instant: one row per (instrument, kind, ex-date), the newest known (data.md 14, A3). */
@Injectable()
export class CorporateActionsRepository {
  readonly #tx: TenantTransaction;

  constructor(tx: TenantTransaction) {
    this.#tx = tx;
  }

  async effective(vtSymbols: readonly string[], knownAt: number): Promise<CorporateActionRow[]> {
    return this.#tx.manager.query<CorporateActionRow[]>(
      `SELECT * FROM (
         SELECT DISTINCT ON (a.instrument_id, a.kind, a.ex_date) i.vt_symbol, a.kind, a.ex_date::text, a.ratio::double precision, a.cash_amount::double precision, a.currency, a.new_vt_symbol
         FROM corporate_actions a JOIN instruments i ON i.id = a.instrument_id WHERE i.vt_symbol = ANY ($1) AND a.known_at <= $2
         ORDER BY a.instrument_id, a.kind, a.ex_date, a.known_at DESC
       ) latest WHERE ratio IS DISTINCT FROM 1 AND (kind <> 'dividend' OR cash_amount <> 0) ORDER BY vt_symbol, ex_date, kind`,
      [vtSymbols, new Date(knownAt)]);
  }
}

/** The rows that change prices. */
export function priceActions(rows: readonly CorporateActionRow[], vtSymbol: string): PriceAction[] {
  return rows.filter((row) => row.vt_symbol === vtSymbol).flatMap((row): PriceAction[] => {
    const exDay = Date.parse(`${row.ex_date}T00:00:00Z`) / 86_400_000;
    if (row.kind === 'split' && row.ratio !== null) return [{ kind: 'split', exDay, ratio: row.ratio }];
    if (row.kind === 'dividend' && row.cash_amount !== null) return [{ kind: 'dividend', exDay, cash: row.cash_amount, currency: row.currency }];
    return [];
  });
}
