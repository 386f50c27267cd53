import { parentPort } from 'node:worker_threads';
import { renderTearSheet } from '../render-tear-sheet.ts';
import { equityColumns, tearSheetInput, walk } from './tear-sheet-builder.ts';

const equity = equityColumns(1_000_000, walk(3, 100_000, 0.0005), 60_000);
const run = { ...tearSheetInput().run, interval: '1m', metrics_freq: 'bar' as const };
const input = tearSheetInput({
  run,
  equity,
  benchmark: { label: 'Buy and hold', ts: equity.ts, value: equity.equity },
});
renderTearSheet(tearSheetInput());
const began = cpuMillis();
const page = renderTearSheet(input);
parentPort?.postMessage({ millis: cpuMillis() - began, characters: page.length });

/** Processor time of this thread, which other work on the machine does not lengthen. */
function cpuMillis(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
