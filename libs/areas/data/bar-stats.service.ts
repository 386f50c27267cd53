import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel';
import { inWorkspace, type RequestContext, type WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { LakeReader } from '#platform/lake';
import { dateOfDay, intradayMs } from '#quant/market-data';
import type { BarStatistics } from './bar-statistics.ts';
import { BarThreads } from './bar-threads.ts';
import { BarsService, type GatheredBars } from './bars.service.ts';
import { CorporateActionsRepository, delistingOf } from './corporate-actions.repository.ts';
import { BarsQuery, type BarStatsQuery } from './dto/bars.requests.ts';
import type { BarStatsView } from './dto/bars.views.ts';
import { presentTime } from './present-time.ts';

const DAY_MS = 86_400_000;

/** How complete and how regular the bars of a symbol are (data.md 14, B5). */
@Injectable()
export class BarStatsService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly bars: BarsService,
    private readonly threads: BarThreads,
    private readonly actions: CorporateActionsRepository,
    private readonly lake: LakeReader,
  ) {}

  async stats(context: RequestContext, symbol: string, query: BarStatsQuery): Promise<BarStatsView> {
    const ctx = inWorkspace(context);
    const gathered = await this.bars.gather(
      context,
      symbol,
      Object.assign(new BarsQuery(), { ...query, normalization: 'adjusted', session: 'all' }),
    );
    const { instrument, selection, pinned } = gathered;
    const actions = await this.tx.run(ctx, () => this.actions.effective([instrument.vt_symbol], this.clock.now()));
    const delisting = delistingOf(actions, instrument.vt_symbol);
    // No bar is expected on the ex-date of a delisting.
    const lastDays = [instrument.delisted_at, delisting && dateOfDay(Date.parse(`${delisting}T00:00:00Z`) / DAY_MS - 1)]
      .filter((date) => date !== null)
      .sort();
    const found = await this.threads.statistics(selection, {
      exDays: actions.map((row) => Date.parse(`${row.ex_date}T00:00:00Z`) / DAY_MS),
      listedAt: instrument.listed_at,
      delistedAt: lastDays[0] ?? null,
    });
    const label = (time: number): string =>
      intradayMs(selection.target) === undefined ? dateOfDay(time / DAY_MS) : presentTime(time);
    const { coverage } = found;
    return {
      vt_symbol: instrument.vt_symbol,
      interval: selection.target,
      bar_count: found.bars,
      first_bar: found.first === null ? null : presentTime(found.first),
      last_bar: found.last === null ? null : presentTime(found.last),
      expected: coverage.expected,
      missing: coverage.missing,
      gaps: coverage.gaps.map(label),
      gap_ranges: coverage.ranges.map(({ start, end, count }) => ({ start: label(start), end: label(end), count })),
      duplicates: await this.#duplicates(ctx, gathered, found),
      zero_volume: found.zeroVolume,
      outliers: found.outliers,
      return_mean: found.returnMean,
      return_vol: found.returnVol,
      freshness: found.freshness,
      snapshot_id: pinned?.snapshotId ?? null,
    };
  }

  async #duplicates(
    ctx: WorkspaceContext,
    { instrument, selection, pinned }: GatheredBars,
    { derived, first, last }: BarStatistics,
  ): Promise<number> {
    if (!pinned || derived) return 0;
    return this.lake.repeatedKeys(ctx, pinned, [
      { column: 'vt_symbol', op: '=', value: instrument.vt_symbol },
      { column: 'interval', op: '=', value: selection.interval },
      ...(first === null || last === null
        ? []
        : [
            { column: 'timestamp', op: '>=' as const, value: first },
            { column: 'timestamp', op: '<=' as const, value: last },
          ]),
    ]);
  }
}
