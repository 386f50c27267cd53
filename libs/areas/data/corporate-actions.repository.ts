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

/**
 * Corporate actions as they were known at an instant: one row per (instrument, kind, ex-date), the newest known
 * (data.md 14, A3).
 */
@Injectable()
export class CorporateActionsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async effective(vtSymbols: readonly string[], knownAt: number): Promise<CorporateActionRow[]> {
    return this.tx.manager.query<CorporateActionRow[]>(
      `SELECT * FROM (
         SELECT DISTINCT ON (a.instrument_id, a.kind, a.ex_date) i.vt_symbol, a.kind, a.ex_date::text, a.ratio::double
           precision, a.cash_amount::double precision, a.currency, a.new_vt_symbol
         FROM corporate_actions a JOIN instruments i ON i.id = a.instrument_id WHERE i.vt_symbol = ANY ($1) AND
           a.known_at <= $2
         ORDER BY a.instrument_id, a.kind, a.ex_date, a.known_at DESC
       ) latest WHERE NOT ${WITHDRAWN} ORDER BY vt_symbol, ex_date, kind`,
      [vtSymbols, new Date(knownAt)],
    );
  }

  /** Everything that was ever said about a symbol's actions, in order of ex-date. */
  async history(vtSymbol: string, afterId: string | null, limit: number): Promise<StoredAction[]> {
    return this.tx.manager.query<StoredAction[]>(
      `SELECT ${STORED} FROM corporate_actions a JOIN instruments i ON i.id = a.instrument_id
       WHERE i.vt_symbol = $1 AND ($2::uuid IS NULL OR (a.ex_date, a.kind, a.known_at, a.id) > (SELECT b.ex_date,
         b.kind, b.known_at, b.id FROM corporate_actions b WHERE b.id = $2::uuid))
       ORDER BY a.ex_date, a.kind, a.known_at, a.id LIMIT $3`,
      [vtSymbol, afterId, limit],
    );
  }

  /** The statement that stands at `known_at`, if it says the same; one without a currency says nothing of it. */
  async standing(instrumentId: string, action: Statement): Promise<StoredAction | null> {
    const rows = await this.tx.manager.query<StoredAction[]>(
      `SELECT latest.* FROM (
         SELECT ${STORED} FROM corporate_actions a JOIN instruments i ON i.id = a.instrument_id
         WHERE a.instrument_id = $1 AND a.kind = $2 AND a.ex_date = $3 AND a.known_at <= $4 ORDER BY a.known_at DESC
           LIMIT 1
       ) latest WHERE (ratio, cash_amount, new_vt_symbol) IS NOT DISTINCT FROM ($5::numeric(18, 9)::double precision,
       $6::numeric(18, 9)::double precision, $7::text)
         AND ($8::text IS NULL OR currency = $8)`,
      [
        instrumentId,
        action.kind,
        action.ex_date,
        action.known_at,
        action.ratio,
        action.cash_amount,
        action.new_vt_symbol,
        action.currency,
      ],
    );
    return rows[0] ?? null;
  }

  /** Null when this was said with the same `known_at` before. */
  async add(instrumentId: string, action: Statement): Promise<StoredAction | null> {
    const rows = await this.tx.manager.query<StoredAction[]>(
      `WITH a AS (
         INSERT INTO corporate_actions (instrument_id, kind, ex_date, ratio, cash_amount, currency, new_vt_symbol,
           known_at, source_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (instrument_id, kind, ex_date, known_at) DO NOTHING
           RETURNING *
       ) SELECT ${STORED} FROM a JOIN instruments i ON i.id = a.instrument_id`,
      [
        instrumentId,
        action.kind,
        action.ex_date,
        action.ratio,
        action.cash_amount,
        action.currency,
        action.new_vt_symbol,
        action.known_at,
        action.source_id,
      ],
    );
    return rows[0] ?? null;
  }
}

export interface StoredAction extends CorporateActionRow {
  id: string;
  known_at: Date;
  source_id: string;
}

/** Something said about a corporate action. */
export type Statement = Omit<StoredAction, 'id' | 'vt_symbol'>;

/**
 * Ratio 1 or cash 0 withdraws (data.md 14, A3); a merger share for share has a ratio of 1, and one for shares alone may
 * say that no cash is paid.
 */
const WITHDRAWN = `CASE kind WHEN 'merger' THEN ratio IS NULL AND cash_amount IS NOT DISTINCT FROM 0
  WHEN 'dividend' THEN cash_amount IS NOT DISTINCT FROM 0 OR ratio IS NOT DISTINCT FROM 1 ELSE ratio IS NOT DISTINCT
  FROM 1 END`;

const STORED =
  `a.id, i.vt_symbol, a.kind, a.ex_date::text, a.ratio::double precision, a.cash_amount::double ` +
  `precision, a.currency, a.new_vt_symbol, a.known_at, a.source_id`;

/** The rows that change prices. */
export function priceActions(rows: readonly CorporateActionRow[], vtSymbol: string): PriceAction[] {
  return rows
    .filter((row) => row.vt_symbol === vtSymbol)
    .flatMap((row): PriceAction[] => {
      const exDay = Date.parse(`${row.ex_date}T00:00:00Z`) / 86_400_000;
      if (row.kind === 'split' && row.ratio !== null) return [{ kind: 'split', exDay, ratio: row.ratio }];
      if (row.kind === 'dividend' && row.cash_amount !== null)
        return [{ kind: 'dividend', exDay, cash: row.cash_amount, currency: row.currency }];
      return [];
    });
}

/** The first day without trading: the ex-date of a stored delisting; null without one. */
export function delistingOf(rows: readonly CorporateActionRow[], vtSymbol: string): string | null {
  return (
    rows
      .filter((row) => row.vt_symbol === vtSymbol && row.kind === 'delisting')
      .map(({ ex_date }) => ex_date)
      .sort()[0] ?? null
  );
}
