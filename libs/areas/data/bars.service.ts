import { Injectable } from '@nestjs/common';
import { Clock, DomainError, formatVtSymbol, parseVtSymbol, ValidationError } from '#kernel';
import { inWorkspace, type RequestContext, type WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { PinnedTable } from '#platform/lake';
import type { Interval } from '#quant/bars';
import { DAY_MS } from '#quant/calendars';
import { type AnyInterval, isMultiple } from '#quant/market-data';
import { closesBefore } from './closes-before.ts';
import {
  type CorporateActionRow,
  CorporateActionsRepository,
  delistingOf,
  priceActions,
} from './corporate-actions.repository.ts';
import type { BarsQuery, TimeTravelQuery } from './dto/bars.requests.ts';
import { readRange } from './bar-range.ts';
import { type InstrumentRow, InstrumentsRepository } from './instruments.repository.ts';
import type { BarSelection } from './select-bars.ts';
import { SnapshotChoice } from './snapshot-choice.ts';
import { barTableOf, type StoredBars, StoredBarsReader } from './stored-bars.ts';

/** Stored intervals from which a derived one is made, the coarsest first (data.md 14, B1). */
const DIVISORS: Readonly<Record<'30m' | '4h' | '1mo', readonly Interval[]>> = {
  '30m': ['15m', '5m', '1m'],
  '4h': ['1h', '15m', '5m', '1m'],
  '1mo': ['1d'],
};

/** What a request reads, gathered and not yet worked out. */
export interface GatheredBars {
  readonly instrument: InstrumentRow;
  readonly selection: BarSelection;
  readonly stored: StoredBars;
  readonly asKnownAt: number;
  readonly pinned: PinnedTable | null;
}

/** Gathers the bars of one symbol as a request asks for them, and what is known of its actions. */
@Injectable()
export class BarsService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly stored: StoredBarsReader,
    private readonly actions: CorporateActionsRepository,
    private readonly instruments: InstrumentsRepository,
    private readonly snapshots: SnapshotChoice,
  ) {}

  async gather(context: RequestContext, symbol: string, query: BarsQuery): Promise<GatheredBars> {
    const ctx = inWorkspace(context);
    const range = readRange(query);
    const now = this.clock.now();
    const asKnownAt = query.as_known_at === undefined ? now : Date.parse(query.as_known_at);
    const instrument = await this.instrument(ctx, symbol);
    const { interval, target } = await this.#intervals(ctx, instrument.vt_symbol, query);
    const { pinned, bars: stored } = await this.#load(
      ctx,
      instrument.vt_symbol,
      interval,
      query,
      query.as_known_at === undefined ? undefined : asKnownAt,
    );
    const known = await this.tx.run(ctx, () => this.actions.effective([instrument.vt_symbol], asKnownAt));
    const delisted = [instrument.delisted_at, delistingOf(known, instrument.vt_symbol)]
      .filter((date) => date !== null)
      .sort()[0];
    const selection = {
      table: stored.table,
      interval,
      target,
      exchange: instrument.exchange,
      currency: instrument.currency,
      delistedDay: delisted === undefined ? null : Date.parse(`${delisted}T00:00:00Z`) / DAY_MS,
      normalization: query.normalization,
      ...(await this.#adjustments(ctx, instrument.vt_symbol, stored, interval, query, known)),
      anchor: query.anchor,
      session: query.session,
      fill: query.fill ?? null,
      maxFill: query.max_fill,
      range,
      now,
    };
    return { instrument, selection, stored, asKnownAt, pinned };
  }

  /** The instrument of a symbol in a path. Throws 422 `bad_symbol`, `unknown_exchange`; 404 `unknown_symbol`. */
  async instrument(ctx: WorkspaceContext, symbol: string): Promise<InstrumentRow> {
    const vtSymbol = formatVtSymbol(parseVtSymbol(symbol));
    const row = await this.tx.run(ctx, () => this.instruments.find(vtSymbol));
    if (!row) throw new DomainError(404, 'unknown_symbol', { detail: `There is no instrument ${vtSymbol}.` });
    return row;
  }

  /** The stored interval to read, and the one to answer with. */
  async #intervals(
    ctx: WorkspaceContext,
    vtSymbol: string,
    query: BarsQuery,
  ): Promise<{ interval: Interval; target: AnyInterval }> {
    const { interval, resample: target = interval } = query;
    if (interval !== '30m' && interval !== '4h' && interval !== '1mo') {
      if (!isMultiple(interval, target))
        throw new DomainError(422, 'bad_resample', {
          detail: `Bars of ${target} cannot be made of whole bars of ${interval}.`,
          errors: [
            { pointer: 'query:resample', code: 'bad_resample', message: 'must be a whole multiple of the interval' },
          ],
        });
      return { interval, target };
    }
    if (query.resample !== undefined && query.resample !== interval)
      throw new ValidationError([
        {
          pointer: 'query:resample',
          code: 'bad_resample',
          message: `${interval} is derived itself; give the stored interval as interval`,
        },
      ]);
    const divisors = DIVISORS[interval];
    for (const divisor of divisors) {
      const { bars } = await this.#load(ctx, vtSymbol, divisor, query);
      if (bars.table.time.length > 0) return { interval: divisor, target: interval };
    }
    return { interval: divisors[0]!, target: interval };
  }

  async #load(
    ctx: WorkspaceContext,
    vtSymbol: string,
    interval: Interval,
    query: TimeTravelQuery,
    asKnownAt?: number,
  ): Promise<{ pinned: PinnedTable | null; bars: StoredBars }> {
    const pinned = await this.stored.pin(ctx, interval, await this.snapshots.resolve(ctx, barTableOf(interval), query));
    return { pinned, bars: await this.stored.one(ctx, pinned, vtSymbol, interval, asKnownAt) };
  }

  /** The actions that change prices, and the daily close before each ex-date. */
  async #adjustments(
    ctx: WorkspaceContext,
    vtSymbol: string,
    bars: StoredBars,
    interval: Interval,
    query: BarsQuery,
    known: readonly CorporateActionRow[],
  ): Promise<Pick<BarSelection, 'actions' | 'closes'>> {
    if (query.normalization === 'raw') return { actions: [], closes: new Map() };
    const actions = priceActions(known, vtSymbol);
    const dividends = actions.filter(({ kind }) => kind === 'dividend');
    // Snapshots and versions name a state of one table; the daily closes are those of now, or of the same instant.
    const daily =
      interval === '1d' || dividends.length === 0
        ? bars
        : (await this.#load(ctx, vtSymbol, '1d', { as_of: query.as_of })).bars;
    const closeBefore = closesBefore(daily.table, bars.table);
    return { actions, closes: new Map(dividends.map(({ exDay }) => [exDay, closeBefore(exDay)])) };
  }
}
