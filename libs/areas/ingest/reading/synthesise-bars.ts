import type { DuckDBConnection } from '@duckdb/node-api';
import { syntheticBars, type SyntheticOptions } from '#quant/market-data';
import { BarStage, type StageOrigin } from './bar-stage.ts';
import type { Cancelled, ReadOutcome, ReadProgress } from './read-bars.ts';
import { Tally } from './tally.ts';

export interface SyntheticBars {
  readonly paths: readonly SyntheticOptions[];
  readonly origin: StageOrigin;
  readonly maxRows: number;
  readonly stageDirectory: string;
}

const TOLD_ROWS = 20_000;

/** Makes and stages synthetic bars, one path per symbol. */
export async function synthesiseBars(
  connection: DuckDBConnection,
  task: SyntheticBars,
  tell: (progress: ReadProgress) => void,
  cancelled: Cancelled,
): Promise<ReadOutcome> {
  const stage = await BarStage.open(connection, task.stageDirectory, task.origin);
  const tally = new Tally();
  let rowsRead = 0;
  let truncated = false;
  making: for (const path of task.paths) {
    for (const bar of syntheticBars(path)) {
      if (rowsRead === task.maxRows) {
        truncated = true;
        break making;
      }
      rowsRead++;
      tally.accept(path.vtSymbol, path.interval, bar.time, rowsRead);
      await stage.accept(
        {
          vtSymbol: path.vtSymbol,
          interval: path.interval,
          timestamp: bar.time * 1_000,
          sessionDay: bar.sessionDay,
          open: bar.open,
          high: bar.high,
          low: bar.low,
          close: bar.close,
          volume: bar.volume,
          vwap: Number.NaN,
          tradeCount: Number.NaN,
          currency: null,
          warnings: [],
          actions: [],
        },
        rowsRead,
      );
      if (rowsRead % TOLD_ROWS === 0) {
        if (cancelled()) throw new DOMException('The run was cancelled.', 'AbortError');
        tell({ rowsRead, rowsRejected: 0 });
      }
    }
  }
  return {
    rowsRead,
    rowsRejected: 0,
    truncated,
    reasons: {},
    refusals: [],
    warnings: [],
    actions: [],
    symbols: [...tally.symbols.values()],
    ...(await stage.finish()),
  };
}
