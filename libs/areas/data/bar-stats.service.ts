import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel';
import { inWorkspace, type RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { LakeReader } from '#platform/lake';
import type { Interval } from '#quant/bars';
import { calendarFor } from '#quant/calendars';
import { type AnyInterval, type BarTable, coverage, dateOfDay, intradayMs, outlierReturns } from '#quant/market-data';
import { type Bound, readRange } from './bar-range.ts';
import { BarsService } from './bars.service.ts';
import { CorporateActionsRepository } from './corporate-actions.repository.ts';
import { BarsQuery, type BarStatsQuery } from './dto/bars.requests.ts';
import type { BarStatsView } from './dto/bars.views.ts';
import type { InstrumentRow } from './instruments.repository.ts';
import { presentTime } from './present-time.ts';

const DAY_MS = 86_400_000;

/** How complete and how regular the bars of a symbol are (data.md 14, B5). */
@Injectable()
export class BarStatsService {
  readonly #tx: TenantTransaction;
  readonly #clock: Clock;
  readonly #bars: BarsService;
  readonly #actions: CorporateActionsRepository;
  readonly #lake: LakeReader;

  constructor(tx: TenantTransaction, clock: Clock, bars: BarsService, actions: CorporateActionsRepository, lake: LakeReader) {
    this.#tx = tx;
    this.#clock = clock;
    this.#bars = bars;
    this.#actions = actions;
    this.#lake = lake;
  }

  async stats(context: RequestContext, symbol: string, query: BarStatsQuery): Promise<BarStatsView> {
    const ctx = inWorkspace(context);
    const now = this.#clock.now();
    const instrument = await this.#bars.instrument(ctx, symbol);
    const select = (normalization: 'raw' | 'adjusted'): ReturnType<BarsService['select']> =>
      this.#bars.select(ctx, symbol, Object.assign(new BarsQuery(), { ...query, normalization, session: 'all' }));
    const raw = await select('raw');
    const adjusted = await select('adjusted');
    const { table, from, to, interval, pinned } = raw;
    const exDays = new Set((await this.#tx.run(ctx, () => this.#actions.effective([instrument.vt_symbol], now))).map((row) => Date.parse(`${row.ex_date}T00:00:00Z`) / DAY_MS));
    const outliers = outlierReturns(table.close, (row) => exDays.has(table.sessionDay[row]!)).filter((row) => row >= from && row < to).length;
    const found = this.#coverage(instrument, interval, table, from, to, query, now);
    const label = (time: number): string => (intradayMs(interval) === undefined ? dateOfDay(time / DAY_MS) : presentTime(time));
    const rows = to - from;
    return {
      vt_symbol: instrument.vt_symbol, interval, bar_count: rows,
      first_bar: rows > 0 ? presentTime(table.time[from]!) : null, last_bar: rows > 0 ? presentTime(table.time[to - 1]!) : null,
      expected: found.expected, missing: found.missing, gaps: found.gaps.map(label),
      gap_ranges: found.ranges.map(({ start, end, count }) => ({ start: label(start), end: label(end), count })),
      duplicates: pinned && raw.stored ? await this.#lake.repeatedKeys(ctx, pinned, [
        { column: 'vt_symbol', op: '=', value: instrument.vt_symbol }, { column: 'interval', op: '=', value: interval as Interval },
        ...(rows > 0 ? [{ column: 'timestamp', op: '>=' as const, value: table.time[from]! }, { column: 'timestamp', op: '<=' as const, value: table.time[to - 1]! }] : []),
      ]) : 0,
      zero_volume: table.volume.subarray(from, to).filter((volume) => volume === 0).length,
      outliers, ...returns(adjusted.table.close.subarray(from, to)),
      freshness: this.#freshness(instrument, interval, table, now), snapshot_id: pinned?.snapshotId ?? null,
    };
  }

  #coverage(instrument: InstrumentRow, interval: AnyInterval, table: BarTable, from: number, to: number, query: BarStatsQuery, now: number): ReturnType<typeof coverage> {
    const { start, end } = readRange(query);
    const calendar = calendarFor(instrument.exchange);
    // An instant may lie in the session of the next day, which opens in the evening; the exact cut is made by the instant itself.
    const dateOf = (bound: Bound | null, fallback: string, later = 0): string => (bound === null ? fallback : dateOfDay('day' in bound ? bound.day : Math.floor(bound.instant / DAY_MS) + later));
    const firstDay = to > from ? dateOfDay(table.sessionDay[from]!) : '9999-12-31';
    const lastDay = to > from ? dateOfDay(table.sessionDay[to - 1]!) : '0000-01-01';
    const earliest = dateOf(start, firstDay);
    const latest = dateOf(end, lastDay, 1);
    return coverage(calendar, interval, table.time.subarray(from, to), {
      from: instrument.listed_at !== null && instrument.listed_at > earliest ? instrument.listed_at : earliest,
      to: instrument.delisted_at !== null && instrument.delisted_at < latest ? instrument.delisted_at : latest,
      now, ...(start && 'instant' in start ? { fromInstant: start.instant } : {}), ...(end && 'instant' in end ? { toInstant: end.instant } : {}),
    });
  }

  /** Sessions between the newest stored bar and the newest one that could exist. */
  #freshness(instrument: InstrumentRow, interval: AnyInterval, table: BarTable, now: number): number | null {
    if (table.time.length === 0) return null;
    const newest = table.sessionDay[table.time.length - 1]!;
    const last = instrument.delisted_at ?? dateOfDay(Math.floor(now / DAY_MS) + 1);
    return coverage(calendarFor(instrument.exchange), interval, table.time.subarray(-1), { from: dateOfDay(newest), to: last, now }, 0).behind;
  }
}

/** Mean and standard deviation (ddof 1) of log returns per bar; null below two of them. */
function returns(closes: Float64Array): { return_mean: number | null; return_vol: number | null } {
  const n = closes.length - 1;
  if (n < 2) return { return_mean: null, return_vol: null };
  let sum = 0;
  for (let i = 1; i <= n; i++) sum += Math.log(closes[i]! / closes[i - 1]!);
  const mean = sum / n;
  let squares = 0;
  for (let i = 1; i <= n; i++) squares += (Math.log(closes[i]! / closes[i - 1]!) - mean) ** 2;
  return { return_mean: mean, return_vol: Math.sqrt(squares / (n - 1)) };
}
