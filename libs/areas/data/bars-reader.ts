import { Injectable } from '@nestjs/common';
import { Clock, parseVtSymbol } from '#kernel';
import { inWorkspace, type RequestContext, type WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { BarSeries, Interval } from '#quant/bars';
import { calendarFor, DAY_MS } from '#quant/calendars';
import type { CorporateAction, InstrumentRules } from '#quant/engine';
import {
  adjust,
  type AdjustmentWarning,
  type BarTable,
  dateOfDay,
  lowerBound,
  type Normalization,
  sliceTable,
} from '#quant/market-data';
import { readRange, rowsInRange } from './bar-range.ts';
import { CorporateActionsRepository, type CorporateActionRow, priceActions } from './corporate-actions.repository.ts';
import { closesBefore } from './closes-before.ts';
import { InstrumentsRepository } from './instruments.repository.ts';
import { StoredBarsReader } from './stored-bars.ts';

export interface BarsRequest {
  readonly vtSymbols: readonly string[];
  readonly interval: Interval;
  readonly normalization: Normalization;
  /** Dates are session dates and inclusive; an instant as `end` is exclusive. Null and absent: no bound. */
  readonly start?: string | null;
  readonly end?: string | null;
}

export interface BarsRead {
  /** One series per symbol that has bars, in code-point order. */
  readonly series: BarSeries[];
  /** Actions that are known now, for engines: on raw bars all, on adjusted ones those that move no price. */
  readonly actions: CorporateAction[];
  /** Dividends without effect, by symbol and reason. */
  readonly skipped: SkippedActions[];
  readonly instruments: Record<string, InstrumentRules>;
  readonly calendarVersions: Record<string, number>;
  /** 64-bit id of the snapshot read, as text; null without a table. */
  readonly snapshotId: string | null;
}

export interface SkippedActions {
  readonly vtSymbol: string;
  readonly code: AdjustmentWarning['code'];
  readonly count: number;
  /** Of the first. */
  readonly exDate: string;
}

/** Bars for runtimes in the same process: whole columns, adjusted, of the caller's workspace. */
@Injectable()
export class BarsReader {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly bars: StoredBarsReader,
    private readonly actions: CorporateActionsRepository,
    private readonly instruments: InstrumentsRepository,
  ) {}

  async read(context: RequestContext, request: BarsRequest): Promise<BarsRead> {
    const ctx = inWorkspace(context);
    const { vtSymbols, interval, normalization } = request;
    const range = readRange({ start: request.start ?? undefined, end: request.end ?? undefined });
    const [actions, instruments] = await this.tx.run(
      ctx,
      async () =>
        [await this.actions.effective(vtSymbols, this.clock.now()), await this.instruments.many(vtSymbols)] as const,
    );
    const pinned = await this.bars.pin(ctx, interval);
    const stored = await this.bars.read(ctx, pinned, vtSymbols, interval, { prices: true });
    const closes =
      normalization === 'raw'
        ? new Map<string, (exDay: number) => number>()
        : await this.#dailyCloses(ctx, vtSymbols, interval, actions, stored);
    const currencies = new Map(instruments.map((row) => [row.vt_symbol, row.currency]));
    const foreign = actions.filter(
      (row) => row.kind === 'dividend' && isForeign(row.currency, currencies.get(row.vt_symbol)),
    );
    // On adjusted bars adjust() says so itself.
    const skipped =
      normalization === 'raw'
        ? vtSymbols.flatMap((symbol) => skippedOf(symbol, foreignDividends(foreign, symbol)))
        : [];
    const units = new Map<string, Units>();
    const series = stored.flatMap(({ vtSymbol, table }): BarSeries[] => {
      const { from, to } = rowsInRange(table, interval, range);
      const adjusted = adjust(table, priceActions(actions, vtSymbol), normalization, {
        closeBefore: closes.get(vtSymbol) ?? (() => Number.NaN),
        currency: currencies.get(vtSymbol) ?? null,
        firstRow: from,
      });
      units.set(vtSymbol, { raw: table, adjusted: adjusted.table });
      if (from === to) return [];
      skipped.push(...skippedOf(vtSymbol, adjusted.warnings));
      const { time, open, high, low, close, volume } = sliceTable(adjusted.table, from, to);
      return [{ vtSymbol, time, open, high, low, close, volume }];
    });
    const exchanges = [...new Set(vtSymbols.map((symbol) => parseVtSymbol(symbol).exchange))].sort();
    return {
      series,
      skipped,
      actions: actions
        .filter((row) => !foreign.includes(row))
        .flatMap((row) => engineAction(row, units))
        .filter(({ type }) => normalization === 'raw' || (type !== 'split' && type !== 'dividend')),
      snapshotId: pinned?.snapshotId ?? null,
      instruments: Object.fromEntries(
        instruments.flatMap((row) => {
          const rules: InstrumentRules = {
            ...(row.lot_size === null ? {} : { lot_size: Number(row.lot_size) }),
            ...(row.tick_size === null ? {} : { tick_size: Number(row.tick_size) }),
          };
          return Object.keys(rules).length > 0 ? [[row.vt_symbol, rules]] : [];
        }),
      ),
      calendarVersions: Object.fromEntries(exchanges.map((exchange) => [exchange, calendarFor(exchange).version])),
    };
  }

  /** Dividends are measured against the daily close before them, whatever interval is read. */
  async #dailyCloses(
    ctx: WorkspaceContext,
    vtSymbols: readonly string[],
    interval: Interval,
    actions: readonly CorporateActionRow[],
    own: Awaited<ReturnType<StoredBarsReader['read']>>,
  ): Promise<Map<string, (exDay: number) => number>> {
    const paying = vtSymbols.filter((symbol) =>
      actions.some((action) => action.vt_symbol === symbol && action.kind === 'dividend'),
    );
    const daily =
      interval === '1d'
        ? own
        : await this.bars.read(ctx, await this.bars.pin(ctx, '1d'), paying, '1d', { prices: true });
    return new Map(
      paying.map((symbol) => [
        symbol,
        closesBefore(
          daily.find(({ vtSymbol }) => vtSymbol === symbol)?.table,
          own.find(({ vtSymbol }) => vtSymbol === symbol)?.table,
        ),
      ]),
    );
  }
}

/** A dividend is paid in the currency of the bars or not at all; one that names none is in theirs. */
function isForeign(paid: string | null, quoted: string | null | undefined): boolean {
  return paid !== null && quoted !== null && quoted !== undefined && paid !== quoted;
}

function foreignDividends(rows: readonly CorporateActionRow[], vtSymbol: string): AdjustmentWarning[] {
  return rows
    .filter((row) => row.vt_symbol === vtSymbol)
    .map(({ ex_date }) => ({ code: 'dividend_currency', exDay: Date.parse(`${ex_date}T00:00:00Z`) / DAY_MS }));
}

function skippedOf(vtSymbol: string, warnings: readonly AdjustmentWarning[]): SkippedActions[] {
  return [...new Set(warnings.map(({ code }) => code))].map((code) => {
    const days = warnings.filter((warning) => warning.code === code).map(({ exDay }) => exDay);
    return { vtSymbol, code, count: days.length, exDate: dateOfDay(days[0]!) };
  });
}

/** One symbol's stored bars before and after adjustment. */
interface Units {
  readonly raw: BarTable;
  readonly adjusted: BarTable;
}

/** Adjusted price per raw one in the last bar before a day, or the first from it on; 1 without one. */
function scaleOf(units: Units | undefined, exDay: number, side: 'before' | 'from'): number {
  if (!units) return 1;
  const row = lowerBound(units.raw.sessionDay, exDay) - (side === 'before' ? 1 : 0);
  return row >= 0 && row < units.raw.close.length ? units.adjusted.close[row]! / units.raw.close[row]! : 1;
}

/** Twelve digits: what a division of adjusted prices leaves behind them is rounding. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/**
 * An action as the engine posts it. What is said per share is of raw shares: on adjusted bars a unit of the old series
 * is worth `before` raw ones, a unit of the new series `after`, so that a holder is as rich as on raw bars, whatever
 * splits and dividends the successor had later.
 */
function engineAction(
  { vt_symbol, ex_date, kind, ratio, cash_amount, new_vt_symbol }: CorporateActionRow,
  units: ReadonlyMap<string, Units>,
): CorporateAction[] {
  const exDay = Date.parse(`${ex_date}T00:00:00Z`) / DAY_MS;
  const before = scaleOf(units.get(vt_symbol), exDay, 'before');
  const after = new_vt_symbol === null ? 1 : scaleOf(units.get(new_vt_symbol), exDay, 'from');
  switch (kind) {
    case 'split':
      return ratio === null ? [] : [{ vt_symbol, ex_date, type: 'split', ratio }];
    case 'dividend':
      return cash_amount === null ? [] : [{ vt_symbol, ex_date, type: 'dividend', amount: cash_amount }];
    case 'rename': {
      if (new_vt_symbol === null) return [];
      const converted = rounded(before / after);
      return [{ vt_symbol, ex_date, type: 'rename', new_vt_symbol, ...(converted === 1 ? {} : { ratio: converted }) }];
    }
    case 'merger': {
      const paid = cash_amount === null || cash_amount === 0 ? {} : { amount: rounded(cash_amount * before) };
      const received =
        ratio === null || new_vt_symbol === null ? {} : { ratio: rounded((ratio * before) / after), new_vt_symbol };
      return [{ vt_symbol, ex_date, type: 'merger', ...paid, ...received }];
    }
    case 'delisting':
      return [{ vt_symbol, ex_date, type: 'delisting' }];
  }
}
