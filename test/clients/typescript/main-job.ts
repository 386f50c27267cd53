import { readFileSync } from 'node:fs';
import {
  backtestResultsEquity,
  backtestResultsEvents,
  backtestsMetrics,
  barsBars,
  ingestRunsStart,
  jobsDetail,
  type JobView,
  strategiesCatalog,
  strategiesCreate,
  strategyTestsTest,
  uploadsPreview,
  uploadsStore,
} from './client/index.js';
import { client } from './client/client.gen.js';

/**
 * The main job with the generated client and its types alone; `API`, `TOKEN` and `CSV` come from the environment.
 * Prints one JSON document.
 */
client.setConfig({ baseUrl: process.env['API'] ?? '', auth: process.env['TOKEN'] ?? '', throwOnError: true });

async function settled(id: string): Promise<JobView> {
  for (;;) {
    const { data: job } = await jobsDetail({ path: { id }, throwOnError: true });
    if (job.status !== 'queued' && job.status !== 'running') return job;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const csv = new Blob([readFileSync(process.env['CSV'] ?? '')], { type: 'text/csv' });
const { data: upload } = await uploadsStore({ body: csv, query: { filename: 'bars.csv' }, throwOnError: true });
const source = { kind: 'upload', upload_id: upload.upload_id } as const;
const constants = { vt_symbol: 'GEN.SIM', interval: '1d' };
const { data: preview } = await uploadsPreview({ body: { source, mapping: { constants } }, throwOnError: true });
const { data: started } = await ingestRunsStart({ body: { source, mapping: { constants } }, throwOnError: true });
const ingested = await settled(started.task_id);

const { data: catalog } = await strategiesCatalog({ throwOnError: true });
const config = {
  strategy: {
    class: 'FrameworkAlgorithm',
    kwargs: {
      universe_model: { class: 'StaticUniverse', kwargs: { symbols: ['GEN.SIM'] } },
      portfolio_model: {
        class: 'ScheduledTargets',
        kwargs: { targets: [{ time: '2024-01-02', vt_symbol: 'GEN.SIM', weight: 0.5 }] },
      },
    },
  },
  backtest: { engine: 'event', kwargs: {} },
};
const { data: strategy } = await strategiesCreate({
  body: { name: `generated ${crypto.randomUUID()}`, config, tags: ['client'] },
  throwOnError: true,
});
const { data: test } = await strategyTestsTest({ path: { id: strategy.id }, body: {}, throwOnError: true });
const run = await settled(test.task_id);
const path = { id: test.run_id };
const { data: metrics } = await backtestsMetrics({ path, throwOnError: true });
const { data: equity } = await backtestResultsEquity({ path, query: { limit: 5 }, throwOnError: true });
const { data: events } = await backtestResultsEvents({ path, parseAs: 'text', throwOnError: true });
const { data: bars } = await barsBars({
  path: { vt_symbol: 'GEN.SIM' },
  query: { start: '2024-01-02' },
  throwOnError: true,
});
const refused = await strategiesCreate({ body: { name: '' }, throwOnError: false });

process.stdout.write(
  JSON.stringify({
    preview: preview.rows.length,
    ingested: ingested.status,
    components: catalog.data.length,
    ended: run.status,
    sharpe: metrics['sharpe'],
    first: typeof equity === 'string' ? '' : equity.data[0]?.['ts'],
    events: events.split('\n').length - 1,
    closes: bars.bars.map((bar) => bar.close),
    code: refused.error?.code,
  }),
);
