import { type BarTable, lowerBound } from '#quant/market-data';

/** The last stored raw daily close before a day, else the last intraday one; NaN without either (data.md 14, A1). */
export function closesBefore(daily: BarTable | undefined, intraday: BarTable | undefined): (exDay: number) => number {
  return (exDay) => {
    for (const table of [daily, intraday]) {
      if (!table) continue;
      const row = lowerBound(table.sessionDay, exDay) - 1;
      if (row >= 0) return table.close[row]!;
    }
    return Number.NaN;
  };
}
