import { Injectable } from '@nestjs/common';
import { Clock, DomainError, formatVtSymbol, parseVtSymbol, ValidationError } from '#kernel';
import { inWorkspace, type RequestContext, type WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { PinnedTable } from '#platform/lake';
import type { Interval } from '#quant/bars';
import { calendarFor } from '#quant/calendars';
import { adjust, type Adjustment, type AnyInterval, type BarTable, fillGaps, inSessions, intradayMs, isMultiple, resample } from '#quant/market-data';
import { closesBefore } from './closes-before.ts';
import { CorporateActionsRepository, priceActions } from './corporate-actions.repository.ts';
import type { BarsQuery, TimeTravelQuery } from './dto/bars.requests.ts';
import { type BarRange, readRange, rowsInRange } from './bar-range.ts';
import { type InstrumentRow, InstrumentsRepository } from './instruments.repository.ts';
import { SnapshotChoice } from './snapshot-choice.ts';
import { barTableOf, type StoredBars, StoredBarsReader } from './stored-bars.ts';

/** Stored intervals from which a derived one is made, the coarsest first (data.md 14, B1). */
const DIVISORS: Readonly<Record<'30m' | '4h' | '1mo', readonly Interval[]>> = { '30m': ['15m', '5m', '1m'], '4h': ['1h', '15m', '5m', '1m'], '1mo': ['1d'] };

export interface SelectedBars {
  readonly vtSymbol: string;
  readonly interval: AnyInterval;
  readonly table: BarTable;
  /** Rows of `table` in the range. */
  readonly from: number;
  readonly to: number;
  /** Null where the bars were derived or filled. */
  readonly stored: StoredBars | null;
  readonly adjustment: Pick<Adjustment, 'actions' | 'warnings'>;
  readonly asKnownAt: number;
  readonly pinned: PinnedTable | null;
}

/** Bars of one symbol as a request asks for them: adjusted, then resampled, then filled, then cut to the range (data.md 8.1). */
@Injectable()
export class BarsService {
  readonly #tx: TenantTransaction;
  readonly #clock: Clock;
  readonly #stored: StoredBarsReader;
  readonly #actions: CorporateActionsRepository;
  readonly #instruments: InstrumentsRepository;
  readonly #snapshots: SnapshotChoice;

  constructor(tx: TenantTransaction, clock: Clock, stored: StoredBarsReader, actions: CorporateActionsRepository, instruments: InstrumentsRepository, snapshots: SnapshotChoice) {
    this.#tx = tx;
    this.#clock = clock;
    this.#stored = stored;
    this.#actions = actions;
    this.#instruments = instruments;
    this.#snapshots = snapshots;
  }

  async select(context: RequestContext, symbol: string, query: BarsQuery): Promise<SelectedBars> {
    const ctx = inWorkspace(context);
    const range = readRange(query);
    const now = this.#clock.now();
    const asKnownAt = query.as_known_at === undefined ? now : Date.parse(query.as_known_at);
    const instrument = await this.instrument(ctx, symbol);
    const { vt_symbol: vtSymbol } = instrument;
    const { interval, target } = await this.#intervals(ctx, vtSymbol, query);
    const { pinned, bars } = await this.#load(ctx, vtSymbol, interval, query, query.as_known_at === undefined ? undefined : asKnownAt);
    const calendar = calendarFor(instrument.exchange);
    const adjustment = await this.#adjust(ctx, instrument, bars, interval, query, asKnownAt, range);
    let table = intradayMs(interval) === undefined ? adjustment.table : inSessions(adjustment.table, calendar, query.session);
    if (target !== interval) table = resample(table, interval, target, calendar, query.anchor, now);
    if (query.fill) {
      const delisted = instrument.delisted_at === null ? {} : { delistedDay: Date.parse(`${instrument.delisted_at}T00:00:00Z`) / 86_400_000 };
      table = fillGaps(table, target, calendar, query.fill, { maxFill: query.max_fill, ...delisted });
    }
    const derived = target !== interval || query.fill !== undefined || table.time.length !== bars.table.time.length;
    return { vtSymbol, interval: target, table, ...rowsInRange(table, target, range), stored: derived ? null : bars, adjustment, asKnownAt, pinned };
  }

  /** The instrument of a symbol in a path. Throws 422 `bad_symbol`, `unknown_exchange`; 404 `unknown_symbol`. */
  async instrument(ctx: WorkspaceContext, symbol: string): Promise<InstrumentRow> {
    const vtSymbol = formatVtSymbol(parseVtSymbol(symbol));
    const row = await this.#tx.run(ctx, () => this.#instruments.find(vtSymbol));
    if (!row) throw new DomainError(404, 'unknown_symbol', { detail: `There is no instrument ${vtSymbol}.` });
    return row;
  }

  /** The stored interval to read, and the one to answer with. */
  async #intervals(ctx: WorkspaceContext, vtSymbol: string, query: BarsQuery): Promise<{ interval: Interval; target: AnyInterval }> {
    const { interval, resample: target = interval } = query;
    if (interval !== '30m' && interval !== '4h' && interval !== '1mo') {
      if (!isMultiple(interval, target)) throw new DomainError(422, 'bad_resample', { detail: `Bars of ${target} cannot be made of whole bars of ${interval}.`, errors: [{ pointer: 'query:resample', code: 'bad_resample', message: 'must be a whole multiple of the interval' }] });
      return { interval, target };
    }
    if (query.resample !== undefined && query.resample !== interval) throw new ValidationError([{ pointer: 'query:resample', code: 'bad_resample', message: `${interval} is derived itself; give the stored interval as interval` }]);
    const divisors = DIVISORS[interval];
    for (const divisor of divisors) {
      const { bars } = await this.#load(ctx, vtSymbol, divisor, query);
      if (bars.table.time.length > 0) return { interval: divisor, target: interval };
    }
    return { interval: divisors[0]!, target: interval };
  }

  async #load(ctx: WorkspaceContext, vtSymbol: string, interval: Interval, query: TimeTravelQuery, asKnownAt?: number): Promise<{ pinned: PinnedTable | null; bars: StoredBars }> {
    const pinned = await this.#stored.pin(ctx, interval, await this.#snapshots.resolve(ctx, barTableOf(interval), query));
    return { pinned, bars: await this.#stored.one(ctx, pinned, vtSymbol, interval, asKnownAt) };
  }

  async #adjust(ctx: WorkspaceContext, instrument: InstrumentRow, bars: StoredBars, interval: Interval, query: BarsQuery, asKnownAt: number, range: BarRange): Promise<Adjustment> {
    if (query.normalization === 'raw') return { table: bars.table, actions: 0, warnings: [] };
    const actions = priceActions(await this.#tx.run(ctx, () => this.#actions.effective([instrument.vt_symbol], asKnownAt)), instrument.vt_symbol);
    // Snapshots and versions name a state of one table; the daily closes are those of now, or of the same instant.
    const daily = interval === '1d' || !actions.some(({ kind }) => kind === 'dividend') ? bars : (await this.#load(ctx, instrument.vt_symbol, '1d', { as_of: query.as_of })).bars;
    const first = range.start === null ? 0 : rowsInRange(bars.table, interval, { start: range.start, end: null }).from;
    return adjust(bars.table, actions, query.normalization, { closeBefore: closesBefore(daily.table, bars.table), currency: instrument.currency, firstRow: first });
  }
}
