import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel';
import { TenantTransaction } from '#platform/database';
import { instrumentDefaults } from './instrument.ts';

export interface InstrumentRow {
  id: string;
  vt_symbol: string;
  ticker: string;
  exchange: string;
  asset_class: string;
  security_type: string;
  instrument_class: string | null;
  currency: string | null;
  tick_size: string | null;
  multiplier: string;
  lot_size: string | null;
  price_precision: number | null;
  size_precision: number | null;
  sector: string | null;
  industry: string | null;
  region: string | null;
  is_active: boolean;
  listed_at: string | null;
  delisted_at: string | null;
  tags: string[];
  meta: Record<string, unknown>;
  row_version: number;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS =
  `id, vt_symbol, ticker, exchange, asset_class, security_type, instrument_class, currency, tick_size, ` +
  `multiplier, lot_size, price_precision, size_precision, sector,
  industry, region, is_active, listed_at::text, delisted_at::text, tags, meta, row_version, created_at, updated_at`;

/** The security master. Reference data: every tenant sees the same rows. */
@Injectable()
export class InstrumentsRepository {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
  ) {}

  async find(vtSymbol: string): Promise<InstrumentRow | null> {
    return (await this.many([vtSymbol]))[0] ?? null;
  }

  async many(vtSymbols: readonly string[]): Promise<InstrumentRow[]> {
    return this.tx.manager.query<InstrumentRow[]>(`SELECT ${COLUMNS} FROM instruments WHERE vt_symbol = ANY ($1)`, [
      vtSymbols,
    ]);
  }

  async page(
    filter: { exchange: string | null; assetClass: string | null; prefix: string | null },
    after: string | null,
    limit: number,
  ): Promise<InstrumentRow[]> {
    return this.tx.manager.query<InstrumentRow[]>(
      `SELECT ${COLUMNS} FROM instruments WHERE ($1::text IS NULL OR exchange = $1) AND ($2::text IS NULL OR asset_class
        = $2)
         AND ($3::text IS NULL OR starts_with(vt_symbol, $3)) AND ($4::text IS NULL OR vt_symbol > $4) ORDER BY
         vt_symbol LIMIT $5`,
      [filter.exchange, filter.assetClass, filter.prefix, after, limit],
    );
  }

  /** Creates what is missing. Returns the symbols that were new. */
  async ensure(vtSymbols: readonly string[]): Promise<string[]> {
    const defaults = vtSymbols.map(instrumentDefaults);
    const rows = await this.tx.manager.query<{ vt_symbol: string }[]>(
      `INSERT INTO instruments (vt_symbol, ticker, exchange, asset_class, security_type, currency, created_at,
        updated_at)
       SELECT i."vtSymbol", i.ticker, i.exchange, i."assetClass", i."assetClass", i.currency, $2, $2
       FROM jsonb_to_recordset($1) AS i("vtSymbol" text, ticker text, exchange text, "assetClass" text, currency text)
       ON CONFLICT (vt_symbol) DO NOTHING RETURNING vt_symbol`,
      [JSON.stringify(defaults), new Date(this.clock.now())],
    );
    return rows.map((row) => row.vt_symbol);
  }

  async symbols(): Promise<string[]> {
    return (await this.tx.manager.query<{ vt_symbol: string }[]>('SELECT vt_symbol FROM instruments')).map(
      (row) => row.vt_symbol,
    );
  }

  /** Symbols whose prices may be negative (data.md 7.4). */
  async negativePriced(): Promise<string[]> {
    return (
      await this.tx.manager.query<{ vt_symbol: string }[]>(
        "SELECT vt_symbol FROM instruments WHERE asset_class IN ('future', 'commodity')",
      )
    ).map((row) => row.vt_symbol);
  }
}
