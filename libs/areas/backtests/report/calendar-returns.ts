import type { PeriodCloses } from './period-closes.ts';

/** Returns as fractions; null where the month has no period, or started without equity. */
export interface CalendarYear {
  readonly year: number;
  readonly months: readonly (number | null)[];
  readonly total: number | null;
}

/**
 * Month and year returns, chained from E_0: the months of a year compound to its total, the years to the total return.
 */
export function calendarReturns(closes: PeriodCloses): CalendarYear[] {
  const years: { year: number; months: (number | null)[]; total: number | null }[] = [];
  let yearBase = closes.equity[0] ?? NaN;
  let monthBase = yearBase;
  let previous = yearBase;
  let current: (typeof years)[number] | undefined;
  let month = -1;
  for (let i = 1; i < closes.session.length; i++) {
    const date = new Date(closes.session[i]!);
    const year = date.getUTCFullYear();
    if (current?.year !== year) {
      current = { year, months: Array.from({ length: 12 }, () => null), total: null };
      years.push(current);
      yearBase = previous;
      month = -1;
    }
    if (date.getUTCMonth() !== month) {
      month = date.getUTCMonth();
      monthBase = previous;
    }
    const equity = closes.equity[i]!;
    current.months[month] = change(monthBase, equity);
    current.total = change(yearBase, equity);
    previous = equity;
  }
  return years;
}

function change(from: number, to: number): number | null {
  const ratio = from > 0 ? to / from - 1 : NaN;
  return Number.isFinite(ratio) ? ratio : null;
}
