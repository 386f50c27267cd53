import { periodCloses, periodReturns, sessionCloses } from './period-closes.ts';
import { FIRST_CLOSE, equityColumns, tearSheetInput } from './testing/tear-sheet-builder.ts';

const HOUR = 3_600_000;
const { run } = tearSheetInput();

describe('sessionCloses', () => {
  // Closes at 21:00, 22:00, 23:00 and midnight of one day, then at 01:00 of the next.
  const hourly = equityColumns(6, (row) => 100 + row, HOUR);

  it('takes E_0 at the first decision and then the last row of each session', () => {
    expect([...sessionCloses(run, hourly).equity]).toEqual([100, 103, 105]);
    expect([...sessionCloses({ ...run, first_decision: FIRST_CLOSE + 3 * HOUR }, hourly).equity]).toEqual([103, 105]);
  });

  it('is empty when the first decision comes after the last row, or there is none', () => {
    expect(sessionCloses({ ...run, first_decision: FIRST_CLOSE + 9 * HOUR }, hourly).equity).toHaveLength(0);
    expect(
      sessionCloses(
        run,
        equityColumns(0, () => 0),
      ).equity,
    ).toHaveLength(0);
  });

  it('gives way to the bars when the metrics are measured on bars', () => {
    expect([
      ...periodCloses({ ...run, metrics_freq: 'bar', first_decision: FIRST_CLOSE + HOUR }, hourly).equity,
    ]).toEqual([101, 102, 103, 104, 105]);
  });
});

describe('periodReturns', () => {
  it('divides by the equity before, and does not exist after ruin', () => {
    expect([...periodReturns(Float64Array.of(100, 110, 0, 5))]).toEqual([expect.closeTo(0.1, 12), -1, NaN]);
    expect(periodReturns(Float64Array.of(100))).toHaveLength(0);
  });
});
