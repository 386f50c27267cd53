import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { CorporateActionsRepository } from './corporate-actions.repository.ts';
import { InstrumentsRepository } from './instruments.repository.ts';

/** A split or dividend that an uploaded file states; `exDay` days since 1970, `value` new shares per old or cash per share. */
export interface StatedAction {
  readonly vtSymbol: string;
  readonly kind: 'split' | 'dividend';
  readonly exDay: number;
  readonly value: number;
  readonly currency: string | null;
}

const DAY_MS = 86_400_000;
/** `numeric(18,9)`: what the table rounds to says the same. */
const PRECISION = 1e9;

/** Records what files of bars state of splits and dividends. They are known from now on, as whoever reads them now learns of them now. */
@Injectable()
export class FileActionRecorder {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly instruments: InstrumentsRepository,
    private readonly actions: CorporateActionsRepository,
  ) {}

  /** What equals the effective action is not stored again. A dividend without a currency is in that of its instrument. Joins an open transaction. */
  async record(ctx: WorkspaceContext, stated: readonly StatedAction[]): Promise<void> {
    if (stated.length === 0) return;
    const now = this.clock.now();
    await this.tx.run(ctx, async () => {
      const vtSymbols = [...new Set(stated.map(({ vtSymbol }) => vtSymbol))];
      const effective = new Map((await this.actions.effective(vtSymbols, now)).map((row) => [`${row.vt_symbol} ${row.kind} ${row.ex_date}`, row]));
      const instruments = new Map<string, { id: string; currency: string | null }>();
      for (const vtSymbol of vtSymbols) {
        const found = await this.instruments.find(vtSymbol);
        if (!found) throw new Error(`instrument ${vtSymbol} is gone`);
        instruments.set(vtSymbol, found);
      }
      for (const { vtSymbol, kind, exDay, value, currency } of stated) {
        const { id, currency: own } = instruments.get(vtSymbol)!;
        const exDate = new Date(exDay * DAY_MS).toISOString().slice(0, 10);
        const paid = kind === 'dividend' ? (currency?.toUpperCase() ?? own) : null;
        const known = effective.get(`${vtSymbol} ${kind} ${exDate}`);
        if (known && same(kind === 'split' ? known.ratio : known.cash_amount, value) && (kind === 'split' || known.currency === null || known.currency === paid)) continue;
        await this.actions.add(id, { kind, ex_date: exDate, ratio: kind === 'split' ? value : null, cash_amount: kind === 'dividend' ? value : null, currency: paid, new_vt_symbol: null, known_at: new Date(now), source_id: 'upload' });
      }
    });
  }
}

function same(a: number | null, b: number): boolean {
  return a !== null && Math.round(a * PRECISION) === Math.round(b * PRECISION);
}
