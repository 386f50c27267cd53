import type { BarSeries } from '#quant/bars';

/**
 * Value of `initial` split in equal parts over the series, each part bought whole and without costs at the first close known
 * at its row, then held. A part is cash until its symbol has a close; without a newer close the last one stands.
 * `ts` ascends and holds instants of slices (closes), so a bar is known at a row when its label lies before it: labels are
 * session dates for daily bars and opens for intraday bars. Without series the value stays `initial`.
 */
export function buyAndHold(series: readonly BarSeries[], ts: Float64Array, initial: number): Float64Array {
  const value = new Float64Array(ts.length);
  if (series.length === 0) return value.fill(initial);
  const part = initial / series.length;
  for (const { time, close } of series) {
    let next = 0;
    let entry = NaN;
    let mark = NaN;
    for (let row = 0; row < ts.length; row++) {
      while (next < time.length && time[next]! < ts[row]!) {
        if (close[next]! > 0) mark = close[next]!;
        next++;
      }
      if (Number.isNaN(entry)) entry = mark;
      value[row]! += Number.isNaN(entry) ? part : (part * mark) / entry;
    }
  }
  return value;
}
