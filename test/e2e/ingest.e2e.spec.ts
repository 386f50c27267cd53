import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow';
import { datasetHash } from '#quant/bars';
import { TestApi } from './support/index.ts';
import { operations } from './support/walk.ts';
import { BarsReader } from '#areas/data';
import { type RequestContext, systemContext } from '#platform/context';
import { Chores } from '#platform/jobs';
import { ObjectStore, StorageUnavailableError } from '#platform/storage';

const SAMPLE = readFileSync('node_modules/vega-datasets/data/sp500-2000.csv');
const HEADER = 'Date,Open,High,Low,Close,Volume\n';

describe('ingestion', () => {
  let api: TestApi;
  let token: string;

  beforeAll(async () => {
    api = await TestApi.start({
      env: {
        ALPHASWARM_RATE_PRINCIPAL: '100000',
        ALPHASWARM_RATE_WRITE: '100000',
        ALPHASWARM_RATE_ORG: '100000',
        ALPHASWARM_RATE_IP: '100000',
      },
    });
    token = await api.token('ann', { role: 'owner' });
  });
  afterAll(() => api.stop());

  const upload = async (content: string | Uint8Array, query = ''): Promise<string> => {
    const { status, body } = await api.post(`/ingest/uploads${query}`, content, {
      token,
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect(status).toBe(201);
    return body.upload_id;
  };
  const finished = async (id: string): Promise<any> => {
    for (let i = 0; i < 200; i++) {
      const { body } = await api.get(`/ingest/runs/${id}`, { token });
      if (['succeeded', 'partially_succeeded', 'failed', 'cancelled'].includes(body.status)) return body;
      await sleep(50);
    }
    throw new Error('the run did not end');
  };
  const ingest = async (body: Record<string, unknown>): Promise<any> => {
    const started = await api.post('/ingest/runs', body, { token });
    expect(started).toMatchObject({
      status: 202,
      body: { status: 'queued', stream_url: `/ws/progress/${started.body.task_id}` },
    });
    expect(started.headers.get('location')).toBe(`/jobs/${started.body.task_id}`);
    return finished(started.body.run_id);
  };
  const file = async (
    content: string | Uint8Array,
    vtSymbol: string,
    extra: Record<string, unknown> = {},
  ): Promise<any> =>
    ingest({
      source: { kind: 'upload', upload_id: await upload(content) },
      mapping: { constants: { vt_symbol: vtSymbol, interval: '1d' } },
      ...extra,
    });

  it('brings the sample in once, and knows it the second time', async () => {
    expect(await file(SAMPLE, 'SPX.CBOE')).toMatchObject({
      status: 'succeeded',
      rows_read: 5105,
      rows_written: 5105,
      rows_duplicate: 0,
      rows_quarantined: 0,
      bytes_read: SAMPLE.length,
      truncated: false,
      error: null,
      commits: [{ version: 1, snapshot_id: expect.stringMatching(/^\d+$/), commit_id: expect.any(String) }],
      warnings: expect.arrayContaining([
        { code: 'column_ignored', count: 1, first_line: 1, columns: ['adjclose'] },
        { code: 'outlier_return', count: 29, first_line: expect.any(Number) },
        { code: 'unknown_symbol', count: 5105, first_line: 2 },
      ]),
    });
    expect(await file(SAMPLE, 'SPX.CBOE')).toMatchObject({
      status: 'succeeded',
      rows_read: 5105,
      rows_written: 0,
      rows_duplicate: 5105,
      commits: [],
    });
    const { body } = await api.get('/data/catalog?q=bars_daily', { token });
    expect(body.data).toMatchObject([
      {
        iceberg_identifier: 'silver_market.bars_daily',
        layer: 'silver',
        latest_version: 1,
        latest_row_count: 5105,
        coverage_start: '2000-01-03T00:00:00Z',
        coverage_end: '2020-04-17T00:00:00Z',
      },
    ]);
    const stats = await api.get('/data/SPX.CBOE/stats', { token });
    expect(body.data[0].freshness).toBe(stats.body.freshness);
    expect(body.data[0].freshness).toBeGreaterThan(1_000);
    expect((await api.get(`/data/catalog/${body.data[0].id}`, { token })).body.freshness).toBe(stats.body.freshness);
    const versions = await api.get(`/data/catalog/${body.data[0].id}/versions`, { token });
    expect(versions.body.data).toMatchObject([
      { version: 1, row_count: 5105, symbol_count: 1, file_count: 21, status: 'active' },
    ]);
    expect((await api.get('/data/securities/SPX.CBOE/coverage', { token })).body).toEqual({
      vt_symbol: 'SPX.CBOE',
      datasets: [
        {
          iceberg_identifier: 'silver_market.bars_daily',
          interval: '1d',
          row_count: 5105,
          coverage_start: '2000-01-03T00:00:00Z',
          coverage_end: '2020-04-17T00:00:00Z',
          latest_version: 1,
        },
      ],
    });
    expect((await api.get('/data/describe', { token })).body.data).toMatchObject([
      { vt_symbol: 'SPX.CBOE', interval: '1d', bars: 5105 },
    ]);
    expect((await api.get('/data/instruments/SPX.CBOE', { token })).body).toMatchObject({
      vt_symbol: 'SPX.CBOE',
      asset_class: 'index',
      currency: 'USD',
    });
  });

  it('gives the bars back bit for bit', async () => {
    const { status, headers, body } = await api.get('/data/SPX.CBOE/bars?start=2000-01-03&end=2020-04-17&limit=10000', {
      token,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      vt_symbol: 'SPX.CBOE',
      interval: '1d',
      normalization: 'adjusted',
      count: 5105,
      next_cursor: null,
    });
    expect(body.bars[0]).toEqual({
      timestamp: '2000-01-03T00:00:00Z',
      session_date: '2000-01-03',
      open: 1469.25,
      high: 1478,
      low: 1438.359985,
      close: 1455.219971,
      volume: 931800000,
      vwap: null,
      trade_count: null,
      source_id: 'upload',
      revision: 1,
    });
    expect(headers.get('x-snapshot-id')).toBe(body.snapshot_id);
    const column = (name: string): Float64Array => Float64Array.from(body.bars, (bar: any) => bar[name]);
    const hash = datasetHash([
      {
        vtSymbol: 'SPX.CBOE',
        time: Float64Array.from(body.bars, (bar: any) => Date.parse(bar.timestamp)),
        open: column('open'),
        high: column('high'),
        low: column('low'),
        close: column('close'),
        volume: column('volume'),
      },
    ]);
    expect(hash).toBe('d0a8135a4c93e49ffb8c8f9642fb2840ff31d67bf7edd025e99688b84c638bc3');
  });

  it('lists the runs of one pipeline', async () => {
    const pipeline = '018cc251-f400-7000-8000-0000000000aa';
    expect((await api.get(`/ingest/runs?pipeline=${pipeline}`, { token })).body).toEqual({
      data: [],
      next_cursor: null,
    });
    await api.database.owner.query('UPDATE ingest_runs SET pipeline_id = $1 WHERE rows_written = 5105', [pipeline]);
    expect((await api.get(`/ingest/runs?pipeline=${pipeline}`, { token })).body.data).toMatchObject([
      { pipeline_id: pipeline, rows_written: 5105 },
    ]);
  });

  const runtimeContext = async (): Promise<RequestContext> => {
    const { rows } = await api.database.owner.query(
      "SELECT org_id, workspace_id FROM lake_tables WHERE name = 'bars_daily'",
    );
    return { ...systemContext('test', 'test', { orgId: rows[0].org_id }), workspaceId: rows[0].workspace_id };
  };

  it('hands the same bars to runtimes in the process', async () => {
    const ctx = await runtimeContext();
    const reader = api.app.get(BarsReader, { strict: false });
    const all = await reader.read(ctx, {
      vtSymbols: ['SPX.CBOE', 'NONE.NYSE'],
      interval: '1d',
      normalization: 'adjusted',
      end: null,
    });
    expect(datasetHash(all.series)).toBe('d0a8135a4c93e49ffb8c8f9642fb2840ff31d67bf7edd025e99688b84c638bc3');
    expect(all).toMatchObject({ actions: [], instruments: {}, calendarVersions: { CBOE: 1, NYSE: 1 } });
    const cut = await reader.read(ctx, {
      vtSymbols: ['SPX.CBOE'],
      interval: '1d',
      normalization: 'raw',
      end: '2000-01-05',
    });
    expect([...cut.series[0]!.time].map((time) => new Date(time).toISOString().slice(0, 10))).toEqual([
      '2000-01-03',
      '2000-01-04',
      '2000-01-05',
    ]);
  });

  it('measures the sample', async () => {
    const { body } = await api.get('/data/SPX.CBOE/stats', { token });
    expect(body).toMatchObject({
      bar_count: 5105,
      expected: 5105,
      missing: 0,
      gaps: [],
      gap_ranges: [],
      duplicates: 0,
      zero_volume: 0,
      outliers: 29,
      first_bar: '2000-01-03T00:00:00Z',
      last_bar: '2020-04-17T00:00:00Z',
    });
    expect(body.return_mean).toBeCloseTo(0.0001333743, 10);
    expect(body.return_vol).toBeCloseTo(0.0125498445, 10);
  });

  it('pages from the newest bars to older ones, and forward from a start', async () => {
    const newest = await api.get('/data/SPX.CBOE/bars?limit=3', { token });
    expect(newest.body.bars.map((bar: any) => bar.session_date)).toEqual(['2020-04-15', '2020-04-16', '2020-04-17']);
    const older = await api.get(`/data/SPX.CBOE/bars?limit=3&cursor=${newest.body.next_cursor}`, { token });
    expect(older.body.bars.map((bar: any) => bar.session_date)).toEqual(['2020-04-09', '2020-04-13', '2020-04-14']);
    const first = await api.get('/data/SPX.CBOE/bars?start=2020-04-13&limit=2', { token });
    const second = await api.get(`/data/SPX.CBOE/bars?start=2020-04-13&limit=2&cursor=${first.body.next_cursor}`, {
      token,
    });
    expect([...first.body.bars, ...second.body.bars].map((bar: any) => bar.session_date)).toEqual([
      '2020-04-13',
      '2020-04-14',
      '2020-04-15',
      '2020-04-16',
    ]);
  });

  it('answers in NDJSON, CSV, Arrow and Parquet', async () => {
    const path = '/data/SPX.CBOE/bars?start=2020-04-15';
    const lines = (await api.get(`${path}&format=ndjson`, { token })).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(3);
    const whole = (await api.get(`${path}&format=ndjson&trailer=true`, { token })).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(whole).toEqual([...lines, { _end: true, rows: 3 }]);
    expect((await api.get('/data/SPX.CBOE/bars?start=2030-01-01&format=ndjson&trailer=true', { token })).text).toBe(
      '{"_end":true,"rows":0}\n',
    );
    expect((await api.get(`${path}&trailer=true`, { token })).body).toMatchObject({ count: 3 });
    expect((await api.get(`${path}&format=ndjson&trailer=perhaps`, { token })).status).toBe(422);
    const csv = (await api.get(path, { token, headers: { accept: 'text/csv' } })).text.trim().split('\n');
    expect(csv[1]).toMatch(/^2020-04-15T00:00:00Z,2020-04-15,/);
    const arrow = await fetch(`${api.url}${path}&format=arrow`, { headers: { authorization: `Bearer ${token}` } });
    const table = tableFromIPC(new Uint8Array(await arrow.arrayBuffer()));
    expect(table.numRows).toBe(3);
    expect([...table.getChild('close')!]).toEqual(lines.map((line) => line.close));
    expect([...table.getChild('timestamp')!].map(Number)).toEqual(lines.map((line) => Date.parse(line.timestamp)));
    expect(table.getChild('vwap')!.nullCount).toBe(3);
    const parquet = await fetch(`${api.url}${path}&format=parquet`, { headers: { authorization: `Bearer ${token}` } });
    expect(parquet.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    const again = await upload(new Uint8Array(await parquet.arrayBuffer()));
    expect(
      await ingest({
        source: { kind: 'upload', upload_id: again },
        mapping: {
          columns: { session_date: null, source_id: null, revision: null },
          constants: { vt_symbol: 'SPX.CBOE', interval: '1d' },
        },
      }),
    ).toMatchObject({ status: 'succeeded', rows_read: 3, rows_duplicate: 3 });
    expect((await api.get(`${path}&limit=10001`, { token })).status).toBe(422);
  });

  it('makes weeks and months of days', async () => {
    const { body } = await api.get('/data/SPX.CBOE/bars?interval=1mo&start=2020-01-01&end=2020-12-31', { token });
    expect(body.bars.map((bar: any) => bar.timestamp)).toEqual([
      '2020-01-02T00:00:00Z',
      '2020-02-03T00:00:00Z',
      '2020-03-02T00:00:00Z',
      '2020-04-01T00:00:00Z',
    ]);
    expect(body.bars[0].source_id).toBeUndefined();
    expect((await api.get('/data/SPX.CBOE/bars?resample=1h', { token })).body.code).toBe('bad_resample');
  });

  it('refuses symbols, ranges and formats that are none', async () => {
    const codes = await Promise.all(
      [
        'AAPL/bars',
        'AAPL.MOON/bars',
        'ZZZ.NYSE/bars',
        'SPX.CBOE/bars?start=yesterday',
        'SPX.CBOE/bars?start=2020-04-13T24:00:00Z',
        'SPX.CBOE/stats?end=2020-02-30T00:00:00Z',
        'SPX.CBOE/bars?start=2020-01-02&end=2020-01-01',
        'SPX.CBOE/bars?interval=tick',
        'SPX.CBOE/bars?version=1&snapshot=1',
        'SPX.CBOE/bars?version=9',
        'SPX.CBOE/bars?tag=a',
        'SPX.CBOE/stats?pin_id=018cc251-f400-7000-8000-0000000000aa',
      ].map(async (path) => {
        const { status, body } = await api.get(`/data/${path}`, { token });
        return [status, body.code];
      }),
    );
    expect(codes).toEqual([
      [422, 'bad_symbol'],
      [422, 'unknown_exchange'],
      [404, 'unknown_symbol'],
      [422, 'validation_failed'],
      [422, 'validation_failed'],
      [422, 'validation_failed'],
      [422, 'bad_range'],
      [422, 'validation_failed'],
      [422, 'conflicting_time_travel'],
      [404, 'no_snapshot'],
      [501, 'not_implemented'],
      [501, 'not_implemented'],
    ]);
    expect(
      (await api.get('/data/spx.cboe/bars?start=2020-04-17T00:00:00Z&end=2020-04-17T00:00:00Z', { token })).body,
    ).toMatchObject({ count: 0, bars: [] });
  });

  it('keeps refused rows, and commits nothing when they are too many', async () => {
    const rows =
      `${HEADER}2024-01-02,1,2,0.5,1.5,10\n2024-01-03,1,0.5,2,1.5,10\n` +
      `2024-01-04,1,2,0.5,1.5,-1\n2024-01-05,1,2,0.5,,10\n2024-01-02,1,2,0.5,1.5,10\n`;
    const failed = await file(rows, 'QQQ.NASDAQ');
    expect(failed).toMatchObject({
      status: 'failed',
      error: { code: 'too_many_rejects' },
      rows_read: 5,
      rows_quarantined: 3,
      rows_written: 0,
      commits: [],
    });
    expect(
      (await api.get(`/ingest/runs/${failed.id}/quarantine`, { token })).body.data.map((row: any) => [
        row.line,
        row.codes,
      ]),
    ).toEqual([
      [3, ['high_low_inverted']],
      [4, ['volume_negative']],
      [5, ['missing_required']],
    ]);
    const run = await file(rows, 'QQQ.NASDAQ', { validation: { max_reject_ratio: 1 } });
    expect(run).toMatchObject({
      status: 'partially_succeeded',
      rows_read: 5,
      rows_written: 1,
      rows_duplicate: 1,
      rows_quarantined: 3,
      reasons: { high_low_inverted: 1, volume_negative: 1, missing_required: 1 },
    });
    expect((await api.get(`/ingest/runs/${run.id}/quarantine?format=csv`, { token })).text.split('\n')[1]).toBe(
      '3,"2024-01-03,1,0.5,2,1.5,10",high_low_inverted,"high low inverted in High: ""0.5"" (below the low of 2)"',
    );
  });

  it('makes synthetic bars, fills gaps and reports them', async () => {
    for (const source of [undefined, null, [], 1])
      expect(
        (
          await api.post(
            '/ingest/bars',
            { symbols: ['AAPL.NASDAQ'], start: '2024-01-02', end: '2024-01-04', interval: '1d', source },
            { token },
          )
        ).status,
      ).toBe(422);
    const { body } = await api.post(
      '/ingest/bars',
      {
        symbols: ['aapl.nasdaq'],
        start: '2024-01-02',
        end: '2024-01-04',
        interval: '1d',
        source: { kind: 'synthetic', model: 'gbm', seed: 42 },
      },
      { token },
    );
    expect(await finished(body.run_id)).toMatchObject({ status: 'succeeded', rows_read: 3, rows_written: 3 });
    const bars = (await api.get('/data/AAPL.NASDAQ/bars', { token })).body.bars;
    expect(bars.map((bar: any) => [bar.open, bar.high, bar.low, bar.close, bar.volume])[2]).toEqual([
      98.763, 99.5016, 98.5334, 99.4755, 1031852,
    ]);
    const gap = await file(
      `${HEADER}` +
        `${['02', '03', '05', '08', '09', '10', '11', '12'].map((day) => `2024-01-${day},1,1,1,1,1\n`).join('')}`,
      'GAP.NASDAQ',
    );
    expect(gap.rows_written).toBe(8);
    expect((await api.get('/data/GAP.NASDAQ/stats', { token })).body).toMatchObject({
      expected: 9,
      missing: 1,
      gaps: ['2024-01-04'],
      gap_ranges: [{ start: '2024-01-04', end: '2024-01-04', count: 1 }],
    });
    expect((await api.get('/data/GAP.NASDAQ/bars?fill=forward', { token })).body.bars[2]).toMatchObject({
      session_date: '2024-01-04',
      filled: true,
      volume: 0,
    });
  });

  it('adjusts for splits, and answers as it was known before', async () => {
    await file(`${HEADER}2024-06-07,499.23,499.23,499.23,499.23,100\n2024-06-10,125,125,125,125,400\n`, 'SPL.NASDAQ');
    const said = await api.post(
      '/data/SPL.NASDAQ/actions',
      { kind: 'split', ex_date: '2024-06-10', ratio: 4, known_at: '2024-06-01T00:00:00Z' },
      { token },
    );
    expect(said).toMatchObject({
      status: 201,
      body: { kind: 'split', ratio: 4, known_at: '2024-06-01T00:00:00.000Z', source_id: 'api' },
    });
    expect(
      (
        await api.post(
          '/data/SPL.NASDAQ/actions',
          { kind: 'split', ex_date: '2024-06-10', ratio: 4, known_at: '2024-06-01T00:00:00Z' },
          { token },
        )
      ).status,
    ).toBe(409);
    expect(
      (await api.post('/data/SPL.NASDAQ/actions', { kind: 'dividend', ex_date: '2024-06-10' }, { token })).body.errors,
    ).toMatchObject([{ pointer: '/cash_amount' }]);
    const adjusted = (await api.get('/data/SPL.NASDAQ/bars', { token })).body;
    expect(adjusted.bars.map((bar: any) => [bar.close, bar.volume])).toEqual([
      [124.8075, 400],
      [125, 400],
    ]);
    expect(adjusted.adjustment_basis.actions).toBe(1);
    expect((await api.get('/data/SPL.NASDAQ/bars?normalization=raw', { token })).body.bars[0].close).toBe(499.23);
    expect((await api.get('/data/SPL.NASDAQ/bars?as_known_at=2024-05-01T00:00:00Z', { token })).body).toMatchObject({
      count: 0,
    });
    await api.post('/data/SPL.NASDAQ/actions', { kind: 'split', ex_date: '2024-06-10', ratio: 1 }, { token });
    expect((await api.get('/data/SPL.NASDAQ/bars', { token })).body.bars[0].close).toBe(499.23);
    expect((await api.get('/data/SPL.NASDAQ/actions', { token })).body.data.map((action: any) => action.ratio)).toEqual(
      [4, 1],
    );
  });

  it('stores corrections as revisions', async () => {
    await file(`${HEADER}2024-01-02,1,1,1,1,1\n2024-01-03,2,2,2,2,1\n`, 'REV.NASDAQ');
    const before = new Date().toISOString();
    await sleep(5);
    expect(await file(`${HEADER}2024-01-03,2.5,2.5,2.5,2.5,1\n`, 'REV.NASDAQ')).toMatchObject({
      rows_written: 1,
      rows_duplicate: 0,
      warnings: expect.arrayContaining([{ code: 'dup_conflict', count: 1, first_line: 2 }]),
    });
    expect((await api.get('/data/REV.NASDAQ/bars', { token })).body.bars[1]).toMatchObject({ close: 2.5, revision: 2 });
    expect((await api.get(`/data/REV.NASDAQ/bars?as_known_at=${before}`, { token })).body.bars[1]).toMatchObject({
      close: 2,
      revision: 1,
    });
    expect((await api.get(`/data/REV.NASDAQ/bars?as_of=${before}`, { token })).body.bars[1]).toMatchObject({
      close: 2,
    });
    expect((await api.get('/data/REV.NASDAQ/stats', { token })).body).toMatchObject({ bar_count: 2, duplicates: 1 });
  });

  it('takes a multipart form, checks what is claimed, and asks the content what it is', async () => {
    const form = new FormData();
    const text = `${HEADER}2024-01-02,1,1,1,1,1\n`;
    form.append('sha256', createHash('sha256').update(text).digest('hex'));
    form.append('file', new Blob([text]), 'bars.csv');
    const sent = await fetch(`${api.url}/ingest/uploads`, {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await sent.json()).toMatchObject({
      media_type_detected: 'text/csv',
      filename: 'bars.csv',
      size_bytes: text.length,
      sha256: createHash('sha256').update(text).digest('hex'),
      state: 'complete',
    });
    const octets = { token, headers: { 'content-type': 'text/csv' } };
    expect((await api.post(`/ingest/uploads?sha256=${'0'.repeat(64)}`, text, octets)).body.code).toBe(
      'checksum_mismatch',
    );
    expect((await api.post('/ingest/uploads', Buffer.from('MZ\x90\0\x03\0\0\0'), octets)).status).toBe(415);
  });

  it('takes an empty file, of which a run makes nothing', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const empty = await fetch(`${api.url}/ingest/uploads`, {
      method: 'POST',
      body: '',
      headers: { ...headers, 'content-type': 'text/csv' },
    });
    const none = await fetch(`${api.url}/ingest/uploads`, { method: 'POST', headers });
    for (const sent of [empty, none]) {
      expect(sent.status).toBe(201);
      const upload = (await sent.json()) as any;
      expect(upload).toMatchObject({ size_bytes: 0, sha256: createHash('sha256').digest('hex'), state: 'complete' });
      expect(
        await ingest({
          source: { kind: 'upload', upload_id: upload.upload_id },
          mapping: { constants: { vt_symbol: 'NIL.NASDAQ', interval: '1d' } },
        }),
      ).toMatchObject({ status: 'succeeded', rows_read: 0, rows_written: 0, commits: [], error: null });
      expect((await api.post('/ingest/preview', { upload_id: upload.upload_id }, { token })).body).toMatchObject({
        columns: [],
        rows: [],
        validation: { rows_read: 0, rows_ok: 0 },
      });
    }
    expect(
      (await api.post('/ingest/uploads', '', { token, headers: { 'content-type': 'multipart/form-data; boundary=x' } }))
        .body.code,
    ).toBe('bad_multipart');
    expect(
      (await api.post('/ingest/uploads?size=1', '', { token, headers: { 'content-type': 'text/csv' } })).body.code,
    ).toBe('checksum_mismatch');
  });

  const keyOf = async (id: string): Promise<string> => {
    const { rows } = await api.database.owner.query<{ key: string }>(
      'SELECT storage_key AS key FROM ingest_uploads WHERE id = $1',
      [id],
    );
    return rows[0]!.key;
  };
  const stored = async (id: string): Promise<boolean> =>
    (await api.app.get(ObjectStore).stat(await keyOf(id))) !== null;
  const expireUploads = async (): Promise<void> => {
    await api.app
      .get(Chores)
      .all()
      .find(({ name }) => name === 'expired uploads')
      ?.run();
  };
  const inStaging = (): string[] => {
    const directory = join(api.dataDir, 'iceberg-staging', 'uploads');
    return existsSync(directory) ? readdirSync(directory) : [];
  };
  /** The storage refuses puts and copies while the work lasts, but for the first `copies` copies. */
  const withoutStorage = async (work: () => Promise<void>, copies = 0): Promise<void> => {
    const store = api.app.get(ObjectStore);
    const copyTo = store.copyTo.bind(store);
    const refuse = (): Promise<never> => Promise.reject(new StorageUnavailableError(new Error('ECONNREFUSED')));
    store.put = refuse;
    store.copyTo = (...call) => (copies-- > 0 ? copyTo(...call) : refuse());
    try {
      await work();
    } finally {
      for (const call of ['put', 'copyTo']) Reflect.deleteProperty(store, call);
    }
  };

  it('keeps the bytes of an upload for a day and an hour', async () => {
    const [old, recent] = [await upload('time,close\n2024-01-02,1\n'), await upload('time,close\n2024-01-03,1\n')];
    await api.database.owner.query(
      `UPDATE ingest_uploads SET expires_at = now() - CASE WHEN id = $1 THEN interval '61 minutes' ELSE interval
      '59 minutes' END WHERE id IN ($1, $2)`,
      [old, recent],
    );
    expect(await keyOf(old)).toMatch(new RegExp(`^uploads/[0-9a-f-]{36}/${old}$`));
    expect([await stored(old), await stored(recent)]).toEqual([true, true]);
    await expireUploads();
    expect([await stored(old), await stored(recent)]).toEqual([false, true]);
    for (const id of [old, recent])
      expect(await api.post('/ingest/preview', { upload_id: id }, { token })).toMatchObject({
        status: 410,
        body: { code: 'upload_expired' },
      });
  });

  it('removes what a process that died left in the storage, and says so of what it removed', async () => {
    const [onTheWay, deleted] = [
      await upload('time,close\n2024-01-02,1\n'),
      await upload('time,close\n2024-01-03,1\n'),
    ];
    await api.database.owner.query("UPDATE ingest_uploads SET state = 'open' WHERE id = $1", [onTheWay]);
    await api.app.get(ObjectStore).delete(await keyOf(deleted));
    for (const [id, status] of [
      [onTheWay, 404],
      [deleted, 410],
    ])
      expect((await api.post('/ingest/preview', { upload_id: id }, { token })).status).toBe(status);
    await api.database.owner.query(
      "UPDATE ingest_uploads SET expires_at = now() - interval '61 minutes' WHERE id IN ($1, $2)",
      [onTheWay, deleted],
    );
    await expireUploads();
    const { rows } = await api.database.owner.query('SELECT state FROM ingest_uploads WHERE id IN ($1, $2)', [
      onTheWay,
      deleted,
    ]);
    expect(rows).toEqual([{ state: 'expired' }, { state: 'expired' }]);
    expect(await stored(onTheWay)).toBe(false);
  });

  it('answers 503 while the storage is away, leaves nothing in staging, and lets a run wait for it', async () => {
    const id = await upload(`${HEADER}2024-01-02,1,2,0.5,1.5,10\n`);
    const away = { status: 503, body: { code: 'dependency_unavailable' } };
    await withoutStorage(async () => {
      const headers = { 'content-type': 'text/csv' };
      const refused = await api.post('/ingest/uploads', 'time,close\n2024-01-02,1\n', { token, headers });
      expect(refused).toMatchObject(away);
      expect(refused.headers.get('retry-after')).toBe('2');
      expect(await api.post('/ingest/preview', { upload_id: id }, { token })).toMatchObject(away);
      expect((await api.get('/ingest/runs', { token })).status).toBe(200);
    });
    expect(inStaging()).toEqual([]);
    const body = {
      source: { kind: 'upload', upload_id: id },
      mapping: { constants: { vt_symbol: 'AWAY.NASDAQ', interval: '1d' } },
    };
    let run = '';
    const warned = async (): Promise<number> =>
      (
        await api.database.owner.query(
          `SELECT 1 FROM progress_frames JOIN ingest_runs USING (task_id)
           WHERE ingest_runs.id = $1 AND frame LIKE '%"storage_unavailable"%'`,
          [run],
        )
      ).rows.length;
    // The request reads the head; then the storage goes away.
    await withoutStorage(async () => {
      run = (await api.post('/ingest/runs', body, { token })).body.run_id;
      while ((await warned()) === 0) await sleep(20);
    }, 1);
    expect(await finished(run)).toMatchObject({ status: 'succeeded', rows_written: 1 });
    expect(await warned()).toBe(1);
    expect(inStaging()).toEqual([]);
  });

  it('stores more uploads at once than there are connections', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, i) => upload(`time,close\n2024-01-02,${i}\n`)));
    expect(new Set(ids).size).toBe(20);
    expect(inStaging()).toEqual([]);
  });

  it('refuses damaged files as bad input, at once or with the run, and does not try again', async () => {
    const dates = Array.from({ length: 5_000 }, (_, i) =>
      new Date(Date.UTC(2010, 0, 1 + i)).toISOString().slice(0, 10),
    );
    const close = Float64Array.from(dates, (_, i) => 1 + Math.sin(i) / 2);
    const arrow = tableFromArrays({ date: dates, open: close, high: close, low: close, close });
    const parquet = await fetch(`${api.url}/data/SPX.CBOE/bars?limit=5000&start=2000-01-03&format=parquet`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const cut = (content: Uint8Array, share: number): Uint8Array =>
      content.subarray(0, Math.floor(content.length * share));
    const corrupt = (content: Uint8Array, from: number, to: number): Uint8Array =>
      Uint8Array.from(content, (byte, i) =>
        i >= content.length * from && i < content.length * to ? byte ^ 0xa5 : byte,
      );
    const bytes = new Uint8Array(await parquet.arrayBuffer());
    const files = {
      gzip: cut(gzipSync(SAMPLE), 0.7),
      'gzip, wrong bytes': corrupt(gzipSync(SAMPLE), 0.5, 0.6),
      'Arrow stream': cut(tableToIPC(arrow, 'stream'), 0.6),
      'Arrow file': cut(tableToIPC(arrow, 'file'), 0.6),
      'Arrow, wrong schema': corrupt(tableToIPC(arrow, 'stream'), 0.0001, 0.002),
      Parquet: cut(bytes, 0.6),
      'Parquet, wrong pages': corrupt(bytes, 0.01, 0.4),
      'Parquet, wrong footer': corrupt(bytes, 0.99, 0.999),
    };
    for (const [name, content] of Object.entries(files)) {
      const mapping = {
        constants: { vt_symbol: 'BAD.NASDAQ', interval: '1d' },
        columns: { session_date: null, source_id: null, revision: null },
      };
      const upload_id = await upload(content);
      const shown = await api.post('/ingest/preview', { upload_id, mapping }, { token });
      const started = await api.post('/ingest/runs', { source: { kind: 'upload', upload_id }, mapping }, { token });
      // A preview reads the first rows only, and the start of a run the header only.
      const run =
        started.status === 202 ? await finished(started.body.run_id) : { status: 'failed', error: started.body };
      expect([name, shown.status === 200 || shown.body.code, run]).toMatchObject([
        name,
        shown.status === 200 || 'bad_input',
        { status: 'failed', error: { code: 'bad_input' } },
      ]);
      expect([200, 422]).toContain(shown.status);
      expect([202, 422]).toContain(started.status);
      if (started.status === 202)
        expect((await api.get(`/jobs/${started.body.task_id}`, { token })).body).toMatchObject({
          status: 'failed',
          attempt: 1,
        });
    }
  });

  it('shows what a run would make of a file', async () => {
    const { status, body } = await api.post(
      '/ingest/preview',
      { upload_id: await upload(SAMPLE), mapping: { constants: { vt_symbol: 'SPX.CBOE', interval: '1d' } } },
      { token },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      mapping: {
        columns: { date: 'timestamp', open: 'open', adjclose: null, volume: 'volume' },
        constants: { vt_symbol: 'SPX.CBOE', interval: '1d' },
      },
      validation: {
        rows_read: 5105,
        rows_ok: 5105,
        reasons: {},
        warnings: [{ code: 'column_ignored', count: 1, first_line: 1 }],
      },
    });
    expect(body.columns.map((column: any) => [column.name, column.type])).toEqual([
      ['date', 'date'],
      ['open', 'double'],
      ['high', 'double'],
      ['low', 'double'],
      ['close', 'double'],
      ['adjclose', 'double'],
      ['volume', 'long'],
    ]);
    expect(body.rows).toHaveLength(50);
    const zeros = await api.post(
      '/ingest/preview',
      { upload_id: await upload('date,code,open\n2024-01-02,007,1\n') },
      { token },
    );
    expect(zeros.body).toMatchObject({
      columns: [{ type: 'date' }, { name: 'code', type: 'string' }, { type: 'int' }],
      validation: { rows_ok: 0, reasons: { missing_required: 1 } },
    });
  });

  it('says what is not there yet, and what is wrong before a run begins', async () => {
    const start = async (body: Record<string, unknown>): Promise<unknown[]> => {
      const { status, body: problem } = await api.post('/ingest/runs', body, { token });
      return [status, problem.code];
    };
    const id = await upload('date,datetime,open,high,low,close\n');
    expect(
      await Promise.all([
        start({ source: { kind: 'http', url: 'https://example.com/x.csv' } }),
        start({ source: { kind: 'upload', upload_id: '018cc251-f400-7000-8000-0000000000aa' } }),
        start({ source: { kind: 'upload', upload_id: id } }),
        start({ source: { kind: 'upload', upload_id: id }, mapping: { columns: { x: 'revision' } } }),
        start({
          source: { kind: 'upload', upload_id: id },
          target: { namespace: 'silver_market', table: 'bars_daily', layer: 'bronze' },
        }),
        start({ source: { kind: 'upload', upload_id: id }, target: { namespace: 'silver_market', table: 'nothing' } }),
        start({ source: { kind: 'upload', upload_id: id }, timezone: 'Mars/Base' }),
        start({ source: { kind: 'nothing' } }),
      ]),
    ).toEqual([
      [501, 'not_implemented'],
      [422, 'validation_failed'],
      [422, 'ambiguous_mapping'],
      [422, 'reserved_column'],
      [422, 'layer_mismatch'],
      [404, 'unknown_dataset'],
      [422, 'validation_failed'],
      [422, 'validation_failed'],
    ]);
    const source = { kind: 'upload', upload_id: id };
    const window = { start: '2024-01-01', end: '2024-02-01' };
    expect(
      await Promise.all([
        start({ source, window }),
        start({ source, window, target: { namespace: 'Silver; DROP' } }),
        start({ source, window, target: { namespace: 'silver_market', layer: 'bronze' } }),
        start({ source, window, mapping: { columns: { x: 'revision' } } }),
        start({ source: { kind: 'http', url: 'https://example.com/x.csv' }, target: { table: '../x' } }),
        start({ source, publish: 'staged', parse: { date_format: '%Q' } }),
        start({ source, window: 'today' }),
        start({ source, window: null }),
      ]),
    ).toEqual([
      [501, 'not_implemented'],
      [422, 'validation_failed'],
      [422, 'layer_mismatch'],
      [422, 'reserved_column'],
      [422, 'validation_failed'],
      [422, 'bad_date_format'],
      [422, 'validation_failed'],
      [422, 'validation_failed'],
    ]);
  });

  it('carries out the documented example as it stands', async () => {
    const start = (await operations(api)).find(({ method, path }) => method === 'POST' && path === '/ingest/runs')!;
    expect(start.example).not.toHaveProperty('window');
    expect(await ingest(start.example as Record<string, unknown>)).toMatchObject({
      status: 'succeeded',
      rows_quarantined: 0,
      error: null,
    });
  });

  it('tells its progress, and ends with one frame', async () => {
    const { body } = await api.post(
      '/ingest/bars',
      {
        symbols: ['AAPL.NASDAQ', 'MSFT.NASDAQ'],
        start: '2024-01-02',
        end: '2024-01-31',
        interval: '1m',
        source: 'synthetic',
      },
      { token },
    );
    const run = await finished(body.run_id);
    expect(run).toMatchObject({
      status: 'succeeded',
      rows_read: 16_380,
      rows_written: 16_380,
      target: { table: 'bars_intraday' },
    });
    expect(await api.post(`/ingest/runs/${run.id}/cancel`, undefined, { token })).toMatchObject({ status: 409 });
    const hours = (
      await api.get('/data/AAPL.NASDAQ/bars?interval=1m&resample=1h&start=2024-01-02&end=2024-01-02', { token })
    ).body.bars;
    expect(hours.map((bar: any) => bar.partial ?? false)).toEqual([false, false, false, false, false, false, true]);
    const read = await api.app.get(BarsReader, { strict: false }).read(await runtimeContext(), {
      vtSymbols: ['MSFT.NASDAQ', 'AAPL.NASDAQ'],
      interval: '1m',
      normalization: 'raw',
    });
    expect(read.series.map(({ vtSymbol, time, open }) => [vtSymbol, time.length, open[0]])).toEqual([
      ['AAPL.NASDAQ', 8_190, 100],
      ['MSFT.NASDAQ', 8_190, 100],
    ]);
    expect((await api.get('/data/MSFT.NASDAQ/stats?interval=1m', { token })).body).toMatchObject({
      bar_count: 8_190,
      expected: 8_190,
      missing: 0,
    });
  });

  it('stops when it is asked to, writes nothing, and can be tried again', async () => {
    const { body } = await api.post(
      '/ingest/bars',
      { symbols: ['CAN.NASDAQ'], start: '2015-01-02', end: '2020-12-31', interval: '1m', source: 'synthetic' },
      { token },
    );
    for (
      let status = 'queued';
      status === 'queued';
      status = (await api.get(`/ingest/runs/${body.run_id}`, { token })).body.status
    )
      await sleep(10);
    expect((await api.post(`/ingest/runs/${body.run_id}/cancel`, undefined, { token })).status).toBe(202);
    expect(await finished(body.run_id)).toMatchObject({ status: 'cancelled', rows_written: 0, commits: [] });
    expect((await api.post(`/ingest/runs/${body.run_id}/cancel`, undefined, { token })).status).toBe(202);
    const retried = await api.post(`/ingest/runs/${body.run_id}/retry`, undefined, { token });
    expect(retried.status).toBe(202);
    await api.post(`/ingest/runs/${retried.body.run_id}/cancel`, undefined, { token });
    expect(await finished(retried.body.run_id)).toMatchObject({
      status: 'cancelled',
      retry_of: body.run_id,
      attempt: 2,
      trigger: 'retry',
    });
  });

  it('keeps organizations apart', async () => {
    const other = await api.token('bob', { role: 'owner', org: 'other' });
    expect((await api.get('/data/SPX.CBOE/bars', { token: other })).body).toMatchObject({ count: 0 });
    expect((await api.get('/ingest/runs', { token: other })).body.data).toEqual([]);
  });

  it('serves calendars', async () => {
    const { body } = await api.get('/data/calendars/nyse/sessions?start=2024-07-03&end=2024-07-05', { token });
    expect(body).toEqual({
      exchange: 'NYSE',
      version: 1,
      timezone: 'America/New_York',
      sessions: [
        { date: '2024-07-03', open: '2024-07-03T13:30:00Z', close: '2024-07-03T17:00:00Z', early: true },
        { date: '2024-07-05', open: '2024-07-05T13:30:00Z', close: '2024-07-05T20:00:00Z', early: false },
      ],
    });
    expect((await api.get('/data/calendars/NYSE/sessions?start=2000-01-01&end=2020-01-02', { token })).status).toBe(
      422,
    );
    expect((await api.get('/data/calendars/MOON/sessions', { token })).status).toBe(404);
    expect((await api.get('/data/calendars', { token })).body.data).toHaveLength(12);
  });
});
