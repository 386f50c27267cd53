import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { Interval } from '#quant/bars';
import { CorporateActionsRepository, type CorporateActionRow } from './corporate-actions.repository.ts';
import { InstrumentsRepository } from './instruments.repository.ts';
import { StoredBarsReader } from './stored-bars.ts';

/** Closes stored before a batch and the ex-dates (days since 1970) of one symbol. */
export interface CloseHistory {
  readonly vtSymbol: string;
  readonly interval: string;
  readonly closes: Float64Array;
  readonly exDays: readonly number[];
}

/** A corporate action as a file states it. */
export type StatedAction = CorporateActionRow;

const HISTORY = 61;
const DAY_MS = 86_400_000;

/** What ingestion asks about symbols: which are known, what was stored of them, and to make new ones. */
@Injectable()
export class InstrumentRegistry {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly instruments: InstrumentsRepository,
    private readonly actions: CorporateActionsRepository,
    private readonly bars: StoredBarsReader,
  ) {}

  symbols(ctx: WorkspaceContext): Promise<string[]> {
    return this.tx.run(ctx, () => this.instruments.symbols());
  }

  negativePriced(ctx: WorkspaceContext): Promise<string[]> {
    return this.tx.run(ctx, () => this.instruments.negativePriced());
  }

  /**
   * Creates the instruments that are missing, with the defaults of their exchange. Returns the new symbols. Joins an
   * open transaction.
   */
  ensure(ctx: WorkspaceContext, vtSymbols: readonly string[]): Promise<string[]> {
    return this.tx.run(ctx, () => this.instruments.ensure(vtSymbols));
  }

  /** Records splits of a synthetic symbol, known from their ex-date on; what is recorded already stays. */
  async recordSplits(
    ctx: WorkspaceContext,
    vtSymbol: string,
    splits: readonly { date: string; ratio: number }[],
  ): Promise<void> {
    if (splits.length === 0) return;
    await this.tx.run(ctx, async () => {
      const instrument = await this.instruments.find(vtSymbol);
      if (!instrument) throw new Error(`instrument ${vtSymbol} is gone`);
      for (const { date, ratio } of splits) {
        await this.actions.add(instrument.id, {
          kind: 'split',
          ex_date: date,
          ratio,
          cash_amount: null,
          currency: null,
          new_vt_symbol: null,
          known_at: new Date(Math.min(Date.parse(`${date}T00:00:00Z`), this.clock.now())),
          source_id: 'synthetic',
        });
      }
    });
  }

  /**
   * Records what a file says of corporate actions, known from now on; what stands already is not stored again. At most
   * one of a symbol, kind and ex-date, with the cash of the whole date. The instruments must exist. Joins an open
   * transaction. Returns how many were new.
   */
  async recordActions(ctx: WorkspaceContext, actions: readonly StatedAction[]): Promise<{ recorded: number }> {
    const known_at = new Date(this.clock.now());
    return this.tx.run(ctx, async () => {
      const ids = new Map(
        (await this.instruments.many([...new Set(actions.map(({ vt_symbol }) => vt_symbol))])).map(
          ({ id, vt_symbol }) => [vt_symbol, id],
        ),
      );
      let recorded = 0;
      for (const { vt_symbol, ...said } of actions) {
        const id = ids.get(vt_symbol);
        if (id === undefined) throw new Error(`instrument ${vt_symbol} is gone`);
        const statement = { ...said, known_at, source_id: 'upload' };
        if ((await this.actions.standing(id, statement)) !== null) continue;
        if ((await this.actions.add(id, statement)) === null)
          throw new DomainError(409, 'conflict', {
            detail: `The ${said.kind} of ${vt_symbol} on ${said.ex_date} was recorded at the same instant.`,
          });
        recorded++;
      }
      return { recorded };
    });
  }

  /** The closes before each series' first bar, as far as outlier checks look back. */
  async histories(
    ctx: WorkspaceContext,
    series: readonly { vtSymbol: string; interval: string; start: number }[],
  ): Promise<CloseHistory[]> {
    const actions = await this.tx.run(ctx, () =>
      this.actions.effective(
        series.map(({ vtSymbol }) => vtSymbol),
        this.clock.now(),
      ),
    );
    const result: CloseHistory[] = [];
    for (const { vtSymbol, interval, start } of series) {
      const pinned = await this.bars.pin(ctx, interval as Interval);
      const [stored] = await this.bars.read(ctx, pinned, [vtSymbol], interval as Interval, {
        prices: true,
        where: [
          { column: 'timestamp', op: '<', value: start },
          { column: 'timestamp', op: '>=', value: start - lookBack(interval) },
        ],
      });
      result.push({
        vtSymbol,
        interval,
        closes: stored ? stored.table.close.slice(-HISTORY) : new Float64Array(0),
        exDays: actions
          .filter((action) => action.vt_symbol === vtSymbol)
          .map((action) => Date.parse(`${action.ex_date}T00:00:00Z`) / DAY_MS),
      });
    }
    return result;
  }
}

/** Long enough for 61 bars across weekends and holidays. */
function lookBack(interval: string): number {
  return (interval === '1w' ? 500 : interval === '1d' ? 120 : 30) * DAY_MS;
}
