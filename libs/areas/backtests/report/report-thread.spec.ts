import { packBars } from '../engine/pack-bars.ts';
import reportThread, { type ReportTask } from './report-thread.ts';
import { DAY, FIRST_CLOSE, tearSheetInput } from './testing/tear-sheet-builder.ts';

const label = (row: number): number => Date.UTC(2024, 0, 2) + row * DAY;
const bars = (vtSymbol: string, rows: number): Uint8Array => {
  const column = (value: (row: number) => number): Float64Array => Float64Array.from({ length: rows }, (_, row) => value(row));
  const price = column((row) => 100 + row);
  return packBars([{ vtSymbol, time: column(label), open: price, high: price, low: price, close: price, volume: column(() => NaN) }]);
};

/** A flat run of three rows on bars of which there are more. */
function task(changes: Partial<ReportTask> = {}): ReportTask {
  const { equity: _, benchmark: __, roundTrips: ___, run, ...meta } = tearSheetInput({ metrics: { final_equity: 100_000, total_return: 0, cagr: 0 } });
  const rows = [0, 1, 2].map((row) => JSON.stringify({ ts: new Date(FIRST_CLOSE + row * DAY).toISOString(), equity: 100_000, cash: 100_000, gross: 0, net: 0, drawdown: 0, positions: {} }));
  return { page: 'tear-sheet', meta: { ...meta, run: { ...run, symbols: ['X.SIM'] } }, equity: Buffer.from(`${rows.join('\n')}\n`), roundTrips: new Uint8Array(0), bars: bars('X.SIM', 9), own: true, benchmark: null, ...changes };
}

describe('reportThread', () => {
  it('compares with buy and hold of the bars that came with the run, also where the run used fewer', () => {
    expect(reportThread(task())).toContain('Equity against buy and hold X.SIM');
    expect(reportThread(task({ own: false }))).not.toContain('buy and hold X.SIM');
  });

  it('names a benchmark as it is spelled', () => {
    const page = reportThread(task({ benchmark: bars('M.SIM', 3) }));
    expect(page).toContain('Equity against benchmark M.SIM');
    expect(page).toContain('Benchmark M.SIM ended at USD 102,000.00');
  });

  it('says of equity that did not change that it stayed', () => {
    expect(reportThread(task())).toContain('USD 100,000.00 stayed at <b>USD 100,000.00</b>');
  });
});
