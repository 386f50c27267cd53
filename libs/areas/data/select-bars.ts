import type { Interval } from '#quant/bars';
import { calendarFor } from '#quant/calendars';
import {
  adjust,
  type Adjustment,
  type AnyInterval,
  type Anchor,
  type BarTable,
  type Fill,
  fillGaps,
  inSessions,
  intradayMs,
  lowerBound,
  type Normalization,
  type PriceAction,
  resample,
  type SessionFilter,
  sliceTable,
} from '#quant/market-data';
import { type BarRange, rowsInRange } from './bar-range.ts';

/** Everything that decides which bars a request gets: data only, so that it can cross into a thread. */
export interface BarSelection {
  /** All stored bars, raw. */
  readonly table: BarTable;
  readonly interval: Interval;
  /** Interval to answer with. */
  readonly target: AnyInterval;
  readonly exchange: string;
  readonly currency: string | null;
  readonly delistedDay: number | null;
  readonly normalization: Normalization;
  readonly actions: readonly PriceAction[];
  /** Last daily close before an ex-date, by its day (data.md 14, A1). */
  readonly closes: ReadonlyMap<number, number>;
  readonly anchor: Anchor;
  readonly session: SessionFilter;
  readonly fill: Fill | null;
  readonly maxFill: number;
  readonly range: BarRange;
  /** ms UTC. */
  readonly now: number;
}

export interface Selected {
  readonly table: BarTable;
  /** Rows of `table` in the range. */
  readonly from: number;
  readonly to: number;
  /** False: row i of `table` is row i of what is stored. */
  readonly derived: boolean;
  /** Stored bars of the range that the session filter leaves out. */
  readonly offSession: number;
  readonly adjustment: Pick<Adjustment, 'actions' | 'warnings'>;
}

/**
 * Which rows of the selection: with `forwards` the oldest first, else the newest; `after` is the label at which the
 * page before ended.
 */
export interface PageWanted {
  readonly forwards: boolean;
  readonly after: number | null;
  readonly limit: number;
}

export interface SelectedPage {
  /** The page's rows. */
  readonly table: BarTable;
  /** Row of what is stored that is the first of the page; null where the bars were derived or filled. */
  readonly storedFrom: number | null;
  /** Label at which the next page goes on; null on the last. */
  readonly nextAfter: number | null;
  readonly offSession: number;
  readonly adjustment: Selected['adjustment'];
}

/** Adjusted, then resampled, then filled, then cut to the range (data.md 8.1). */
export function selectBars({
  table: raw,
  interval,
  target,
  exchange,
  currency,
  delistedDay,
  normalization,
  actions,
  closes,
  anchor,
  session,
  fill,
  maxFill,
  range,
  now,
}: BarSelection): Selected {
  const calendar = calendarFor(exchange);
  const firstRow = range.start === null ? 0 : rowsInRange(raw, interval, { start: range.start, end: null }).from;
  const { table: adjusted, ...adjustment } = adjust(raw, actions, normalization, {
    closeBefore: (exDay) => closes.get(exDay) ?? Number.NaN,
    currency,
    firstRow,
  });
  let table = intradayMs(interval) === undefined ? adjusted : inSessions(adjusted, calendar, session);
  const offSession = table === adjusted ? 0 : rowCount(adjusted, interval, range) - rowCount(table, interval, range);
  if (target !== interval) table = resample(table, interval, target, calendar, anchor, now);
  if (fill !== null)
    table = fillGaps(table, target, calendar, fill, { maxFill, ...(delistedDay === null ? {} : { delistedDay }) });
  const derived = target !== interval || fill !== null || table.time.length !== raw.time.length;
  return { table, ...rowsInRange(table, target, range), derived, offSession, adjustment };
}

function rowCount(table: BarTable, interval: AnyInterval, range: BarRange): number {
  const { from, to } = rowsInRange(table, interval, range);
  return to - from;
}

/** Pages of bars, every page ascending (data.md 14, B1). */
export function selectPage(selection: BarSelection, { forwards, after, limit }: PageWanted): SelectedPage {
  const { table, derived, offSession, adjustment, ...rows } = selectBars(selection);
  let { from, to } = rows;
  if (after !== null && forwards) from = Math.max(from, lowerBound(table.time, after + 0.0005));
  if (after !== null && !forwards) to = Math.min(to, lowerBound(table.time, after));
  const more = to - from > limit;
  if (more && forwards) to = from + limit;
  if (more && !forwards) from = to - limit;
  return {
    table: sliceTable(table, from, to),
    storedFrom: derived ? null : from,
    nextAfter: more ? table.time[forwards ? to - 1 : from]! : null,
    offSession,
    adjustment,
  };
}
