import { chartDates } from './chart-dates.ts';
import { DAY, equityColumns, tearSheetInput } from './testing/tear-sheet-builder.ts';

const { run } = tearSheetInput();
const JANUARY_2 = Date.UTC(2024, 0, 2);

describe('chartDates', () => {
  it('puts closes of days at their session dates, also those at midnight', () => {
    expect([
      ...chartDates(
        run,
        equityColumns(3, () => 1),
      ),
    ]).toEqual([0, 1, 2].map((day) => JANUARY_2 + day * DAY));
    expect([
      ...chartDates(
        run,
        equityColumns(3, () => 1, DAY, JANUARY_2 + DAY),
      ),
    ]).toEqual([0, 1, 2].map((day) => JANUARY_2 + day * DAY));
  });

  it('keeps closes of several exchanges on one date apart, and instants of intraday bars', () => {
    const columns = equityColumns(3, () => 1, DAY / 4, JANUARY_2 + DAY / 2);
    expect([...chartDates(run, columns)]).toEqual([JANUARY_2, JANUARY_2 + DAY / 4, JANUARY_2 + DAY / 2]);
    expect(chartDates({ ...run, interval: '1h' }, columns)).toBe(columns.ts);
  });
});
