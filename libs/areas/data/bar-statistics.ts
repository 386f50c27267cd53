import { calendarFor } from '#quant/calendars';
import { type BarTable, type Coverage, coverage, dateOfDay, outlierReturns } from '#quant/market-data';
import type { Bound } from './bar-range.ts';
import { freshness } from './freshness.ts';
import { type BarSelection, selectBars } from './select-bars.ts';

const DAY_MS = 86_400_000;

/** What statistics need to know beside the bars. Dates `YYYY-MM-DD`. */
export interface StatisticsWanted {
  /** Days since 1970 of all corporate actions. */
  readonly exDays: readonly number[];
  readonly listedAt: string | null;
  readonly delistedAt: string | null;
}

export interface BarStatistics {
  readonly bars: number;
  /** Labels, ms UTC; null without bars. */
  readonly first: number | null;
  readonly last: number | null;
  /** True where the bars are not stored as such. */
  readonly derived: boolean;
  readonly coverage: Coverage;
  readonly zeroVolume: number;
  readonly outliers: number;
  readonly returnMean: number | null;
  readonly returnVol: number | null;
  readonly freshness: number | null;
}

/**
 * How complete and how regular bars are (data.md 14, B5): raw, but for the returns, which are those of adjusted closes.
 */
export function statisticsOf(selection: BarSelection, wanted: StatisticsWanted): BarStatistics {
  const { table, from, to, derived } = selectBars({ ...selection, normalization: 'raw' });
  const adjusted = selectBars({ ...selection, normalization: 'adjusted' });
  const exDays = new Set(wanted.exDays);
  const bars = to - from;
  const [returnMean, returnVol] = returnsOf(adjusted.table.close.subarray(from, to));
  return {
    bars,
    first: bars > 0 ? table.time[from]! : null,
    last: bars > 0 ? table.time[to - 1]! : null,
    derived,
    coverage: coverageOf(selection, table, from, to, wanted),
    zeroVolume: table.volume.subarray(from, to).filter((volume) => volume === 0).length,
    outliers: outlierReturns(table.close, (row) => exDays.has(table.sessionDay[row]!)).filter(
      (row) => row >= from && row < to,
    ).length,
    returnMean,
    returnVol,
    freshness:
      table.time.length === 0
        ? null
        : freshness(
            selection.exchange,
            selection.target,
            table.time[table.time.length - 1]!,
            wanted.delistedAt,
            selection.now,
          ),
  };
}

function coverageOf(
  { exchange, target, range: { start, end }, now }: BarSelection,
  table: BarTable,
  from: number,
  to: number,
  { listedAt, delistedAt }: StatisticsWanted,
): Coverage {
  // An instant may lie in the session of the next day, which opens in the evening; the exact cut is made by the instant
  // itself.
  const dateOf = (bound: Bound | null, fallback: string, later = 0): string =>
    bound === null ? fallback : dateOfDay('day' in bound ? bound.day : Math.floor(bound.instant / DAY_MS) + later);
  const earliest = dateOf(start, to > from ? dateOfDay(table.sessionDay[from]!) : '9999-12-31');
  const latest = dateOf(end, to > from ? dateOfDay(table.sessionDay[to - 1]!) : '0000-01-01', 1);
  return coverage(calendarFor(exchange), target, table.time.subarray(from, to), {
    from: listedAt !== null && listedAt > earliest ? listedAt : earliest,
    to: delistedAt !== null && delistedAt < latest ? delistedAt : latest,
    now,
    ...(start && 'instant' in start ? { fromInstant: start.instant } : {}),
    ...(end && 'instant' in end ? { toInstant: end.instant } : {}),
  });
}

/** Mean and standard deviation (ddof 1) of log returns per bar; null below two of them. */
function returnsOf(closes: Float64Array): [mean: number | null, vol: number | null] {
  const n = closes.length - 1;
  if (n < 2) return [null, null];
  let sum = 0;
  for (let i = 1; i <= n; i++) sum += Math.log(closes[i]! / closes[i - 1]!);
  const mean = sum / n;
  let squares = 0;
  for (let i = 1; i <= n; i++) squares += (Math.log(closes[i]! / closes[i - 1]!) - mean) ** 2;
  return [mean, Math.sqrt(squares / (n - 1))];
}
