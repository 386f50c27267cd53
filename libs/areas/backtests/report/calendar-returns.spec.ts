import { calendarReturns } from './calendar-returns.ts';
import { sessionCloses } from './period-closes.ts';
import { DAY, equityColumns, tearSheetInput, walk } from './testing/tear-sheet-builder.ts';

const { run } = tearSheetInput();

describe('calendarReturns', () => {
  it('compounds the months to the year and the years to the total return', () => {
    const columns = equityColumns(1_000, walk(11));
    const years = calendarReturns(sessionCloses(run, columns));
    let total = 1;
    for (const { months, total: year } of years) {
      const product = months.reduce<number>((all, month) => all * (1 + (month ?? 0)), 1);
      expect(product - 1).toBeCloseTo(year!, 12);
      total *= 1 + year!;
    }
    expect(years.map(({ year }) => year)).toEqual([2024, 2025, 2026]);
    expect(total - 1).toBeCloseTo(columns.equity[999]! / columns.equity[0]! - 1, 12);
  });

  it('counts a close at midnight to the day that ends there', () => {
    const columns = equityColumns(3, (row) => [100, 110, 121][row]!, DAY, Date.UTC(2023, 11, 31));
    expect(calendarReturns(sessionCloses(run, columns)).map(({ year, total }) => [year, total])).toEqual([
      [2023, expect.closeTo(0.1, 12)],
      [2024, expect.closeTo(0.1, 12)],
    ]);
  });

  it('leaves months without a close empty, and what follows ruin', () => {
    const columns = equityColumns(4, (row) => [100, 50, 0, 0][row]!, 40 * DAY);
    const [year] = calendarReturns(sessionCloses(run, columns));
    expect(year!.months.slice(0, 5)).toEqual([null, -0.5, -1, null, null]);
    expect(year!.total).toBe(-1);
  });
});
