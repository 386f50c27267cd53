import type { ApiClient, ProgressFrame, Task } from './api-client.ts';
import { SAMPLE_SYMBOL, sampleCsv } from './sample-data.ts';

export type MainJobStep = 'data' | 'strategy' | 'backtest';

export interface MainJobResult {
  /** Rows of the ingest run: read, written, already there. */
  rows: { read: number; written: number; duplicate: number };
  strategyId: string;
  backtestId: string;
  metrics: Record<string, number | null>;
  hashes: { spec_hash: string; dataset_hash: string; run_hash: string; event_log_hash: string };
}

/** Hears what happens, one step after the other. */
export type MainJobListener = (step: MainJobStep, frame: ProgressFrame) => void;

const TARGET = { namespace: 'silver_market', table: 'bars_daily', layer: 'silver' };

/** Market data in, a strategy, a finished backtest: the main job of the platform, through its public API alone. */
export async function runMainJob(api: ApiClient, tell: MainJobListener): Promise<MainJobResult> {
  const ingest = await api.post<Task>('/ingest/runs', { source: await dataSource(api), target: TARGET, ...MAPPING });
  const ingested = await api.follow(ingest, (frame) => tell('data', frame));
  const catalog = await api.get<{ samples: Record<string, unknown>[] }>('/strategies/browse/catalog');
  const recipe = catalog.samples[0];
  if (!recipe) throw new Error('The catalogue has no sample recipe.');
  const strategy = await api.post<{ id: string }>('/strategies', {
    name: String(recipe['name']),
    config: recipe,
    tags: ['sample'],
  });
  const test = await api.post<Task>(`/strategies/${strategy.id}/test`, { notes: 'main job' });
  const result = await api.follow(test, (frame) => tell('backtest', frame));
  const metrics = await api.get<Record<string, number | null>>(`/backtests/${test.run_id}/metrics`);
  const hash = (name: string): string => String(result[name]);
  return {
    rows: {
      read: Number(ingested['rows_read']),
      written: Number(ingested['rows_written']),
      duplicate: Number(ingested['rows_duplicate']),
    },
    strategyId: strategy.id,
    backtestId: test.run_id,
    metrics,
    hashes: {
      spec_hash: hash('spec_hash'),
      dataset_hash: hash('dataset_hash'),
      run_hash: hash('run_hash'),
      event_log_hash: hash('event_log_hash'),
    },
  };
}

/** `adjclose` repeats `close`. */
const MAPPING = { mapping: { columns: { adjclose: null }, constants: { vt_symbol: SAMPLE_SYMBOL, interval: '1d' } } };

/** The real sample by upload; where it is not installed, seeded synthetic bars of the same sessions. */
async function dataSource(api: ApiClient): Promise<Record<string, unknown>> {
  const csv = await sampleCsv();
  if (!csv)
    return {
      kind: 'synthetic',
      model: 'gbm',
      seed: 42,
      vt_symbols: [SAMPLE_SYMBOL],
      interval: '1d',
      start: '2000-01-03',
      end: '2020-04-17',
    };
  const upload = await api.upload<{ upload_id: string }>('/ingest/uploads', csv, 'text/csv');
  return { kind: 'upload', upload_id: upload.upload_id, format: 'csv' };
}
