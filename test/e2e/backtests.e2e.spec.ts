import { setTimeout as sleep } from 'node:timers/promises';
import { TestApi } from './support/index.ts';

const SESSIONS = ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-08'];
const bars = SESSIONS.map((time, i) => ({
  vt_symbol: 'X.SIM',
  time,
  open: 100 + i,
  high: 101.5 + i,
  low: 99 + i,
  close: 100.25 + i,
  volume: i === 0 ? null : 1000,
}));
const recipe = (weight: number, kwargs: Record<string, unknown> = {}, symbols = ['X.SIM']) => ({
  strategy: {
    class: 'FrameworkAlgorithm',
    kwargs: {
      universe_model: { class: 'StaticUniverse', kwargs: { symbols } },
      portfolio_model: {
        class: 'ScheduledTargets',
        kwargs: {
          targets: [
            { time: SESSIONS[0], vt_symbol: 'X.SIM', weight },
            { time: SESSIONS[2], vt_symbol: 'X.SIM', weight: 0 },
          ],
        },
      },
    },
  },
  backtest: { engine: 'event', kwargs },
});

describe('backtests', () => {
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

  const exact = { 'accept-profile': 'decimal-string' };
  const get = async (path: string, headers: Record<string, string> = {}): Promise<any> =>
    (await api.get(path, { token, headers })).body;
  const settled = async (taskId: string): Promise<any> => {
    for (let i = 0; i < 400; i++) {
      const job = await get(`/jobs/${taskId}`);
      if (['succeeded', 'failed', 'cancelled', 'dead'].includes(job.status)) return job;
      await sleep(25);
    }
    throw new Error('the job did not end');
  };
  const run = async (body: Record<string, unknown>): Promise<string> => {
    const started = await api.post('/backtests', body, { token });
    expect(started.status).toBe(202);
    expect((await settled(started.body.task_id)).status).toBe('succeeded');
    return started.body.run_id;
  };

  it('shows money exactly where decimals are asked for', async () => {
    const id = await run({ config: recipe(0.5, { initial_cash: 123_456_789_012.12 }), data: { inline: bars } });
    const detail = await get(`/backtests/${id}`, exact);
    const [equity] = (await get(`/backtests/${id}/equity`, exact)).data.slice(-1);
    expect(detail).toMatchObject({
      initial_cash: '123456789012.12',
      final_equity: expect.stringMatching(/^\d+\.\d+$/),
      metrics: { commission_total: expect.any(String), final_equity: expect.any(String), sharpe: expect.any(Number) },
    });
    expect(equity.cash).toMatch(/^\d+(\.\d{1,8})?$/);
    expect((await get('/backtests', exact)).data[0].final_equity).toBe(detail.final_equity);
    expect((await get(`/backtests/${id}/metrics`, exact)).commission_total).toBe(detail.metrics.commission_total);
    expect(await get(`/backtests/${id}`)).toMatchObject({
      initial_cash: 123_456_789_012.12,
      final_equity: Number(detail.final_equity),
      metrics: { commission_total: Number(detail.metrics.commission_total) },
    });
    expect(
      (
        await api.post(
          '/backtests',
          { config: recipe(0.5, { initial_cash: 123_456_789_012.12 }), data: { inline: bars }, reuse: true },
          { token, headers: exact },
        )
      ).body,
    ).toMatchObject({ id, final_equity: detail.final_equity });
  });

  it('shows the newest bars of a symbol and what happened in them, in the asked form', async () => {
    const other = bars.slice(0, 3).map((bar) => ({ ...bar, vt_symbol: 'A.SIM' }));
    const id = await run({ config: recipe(0.5, {}, ['A.SIM', 'X.SIM']), data: { inline: [...other, ...bars] } });
    const timeline = await get(`/backtests/${id}/timeline?vt_symbol=x.sim&limit_bars=4`);
    expect(timeline.bars.map(({ timestamp, close, volume }: any) => [timestamp.slice(0, 10), close, volume])).toEqual(
      SESSIONS.slice(1).map((date, i) => [date, 101.25 + i, 1000]),
    );
    expect([timeline.orders.length, timeline.fills.map(({ side }: any) => side)]).toEqual([1, ['buy', 'sell']]);
    const decimals = await get(`/backtests/${id}/timeline?vt_symbol=X.SIM&limit_bars=5000`, exact);
    expect(decimals.bars[0]).toMatchObject({ open: '100', close: '100.25', volume: null });
    expect(decimals.fills[0].price).toBe(String(timeline.fills[0].price));
    expect((await get(`/backtests/${id}/timeline?vt_symbol=A.SIM`)).bars).toHaveLength(3);
    expect((await api.get(`/backtests/${id}/timeline?vt_symbol=B.SIM`, { token })).status).toBe(422);
  });

  it('keeps the trace of the request that started a run, also when it is replayed with another one', async () => {
    const first = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const start = async (traceparent: string, key: string): Promise<any> => {
      const headers = { traceparent, tracestate: 'rojo=1', 'idempotency-key': key };
      return api.post('/backtests', { config: recipe(0.25), data: { inline: bars } }, { token, headers });
    };
    const stored = async (id: string): Promise<unknown> =>
      (await api.database.owner.query('SELECT traceparent, tracestate FROM jobs WHERE id = $1', [id])).rows[0];
    const { body: started } = await start(first, 'traced-run');
    const replayed = await start(first.replace('b7ad', 'aaaa'), 'traced-run');
    expect(replayed.body).toEqual(started);
    expect(await stored(started.task_id)).toEqual({ traceparent: first, tracestate: 'rojo=1' });
    const { body: malformed } = await start(first.toUpperCase(), 'malformed-trace');
    expect(await stored(malformed.task_id)).toEqual({ traceparent: null, tracestate: null });
    for (const { task_id: id } of [started, malformed]) expect((await settled(id)).status).toBe('succeeded');
  });

  it('says when there is nothing to compare with', async () => {
    const id = await run({ config: recipe(0.5, { benchmark: 'B.SIM' }), data: { inline: bars } });
    expect(await get(`/backtests/${id}`)).toMatchObject({
      warnings: [{ code: 'benchmark_without_data', vt_symbol: 'B.SIM', count: 1 }],
      metrics: { beta: null },
    });
    const compared = await run({
      config: recipe(0.5, { benchmark: 'B.SIM' }),
      data: { inline: [...bars, ...bars.map((bar) => ({ ...bar, vt_symbol: 'B.SIM' }))] },
    });
    expect(await get(`/backtests/${compared}`)).toMatchObject({ warnings: [], metrics: { beta: expect.any(Number) } });
    const rows = (await get(`/backtests/${compared}/comparison?limit=2`)).data;
    expect(rows[0]).toEqual({
      session_date: '2024-01-02',
      ts: '2024-01-02T21:00:00.000Z',
      buy_and_hold: 100_000,
      benchmark: 100_000,
    });
    expect((await get(`/backtests/${compared}/comparison?limit=1`, exact)).data[0].benchmark).toMatch(/^100000/);
    expect((await get(`/backtests/${compared}/equity?limit=1`)).data[0]).toMatchObject({
      session_date: '2024-01-02',
      ts: '2024-01-02T21:00:00.000Z',
    });
    expect((await get(`/backtests/${compared}`)).artifacts).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'comparison', rows: SESSIONS.length })]),
    );
  });

  it('draws a run whose engine wrote no comparison', async () => {
    const id = await run({
      config: recipe(0.5, { benchmark: 'B.SIM' }),
      data: { inline: [...bars, ...bars.map((bar) => ({ ...bar, vt_symbol: 'B.SIM' }))] },
    });
    const plots = async () => [await get(`/backtests/${id}/plot/equity`), await get(`/backtests/${id}/plot/returns`)];
    const drawn = await plots();
    await api.database.owner.query("DELETE FROM backtest_artifacts WHERE backtest_id = $1 AND kind = 'comparison'", [
      id,
    ]);
    await api.database.owner.query(
      `UPDATE backtest_artifacts SET inline = (SELECT jsonb_agg(row - 'session_date') FROM
      jsonb_array_elements(inline) row) WHERE backtest_id = $1 AND kind = 'equity'`,
      [id],
    );
    expect(await plots()).toEqual(drawn);
  });

  it('replays what a replay replayed', async () => {
    const id = await run({ config: recipe(0.5), data: { inline: bars } });
    const first = await api.post(`/backtests/${id}/replay`, undefined, { token });
    expect((await settled(first.body.task_id)).result).toMatchObject({ identical: true });
    const second = await api.post(`/backtests/${first.body.run_id}/replay`, undefined, { token });
    expect((await settled(second.body.task_id)).result).toMatchObject({ identical: true, first_diff: null });
    expect(await get(`/backtests/${second.body.run_id}`)).toMatchObject({ parent_kind: 'replay', parent_id: id });
    expect((await api.post(`/backtests/${second.body.run_id}/report/link`, undefined, { token })).body).toMatchObject({
      status: 409,
      code: 'run_not_completed',
    });
  });

  it('refuses the results of a run that has none, and a log that was not kept', async () => {
    const results = [
      'metrics',
      'equity',
      'comparison',
      'orders',
      'fills',
      'signals',
      'round-trips',
      'events',
      'report',
      'plot/equity',
    ];
    const { body: failed } = await api.post('/backtests', { config: recipe(0.5) }, { token });
    expect((await settled(failed.task_id)).status).toBe('failed');
    for (const name of results)
      expect([name, (await get(`/backtests/${failed.run_id}/${name}`)).code]).toEqual([name, 'run_not_completed']);
    expect((await api.post(`/backtests/${failed.run_id}/replay`, undefined, { token })).body.code).toBe(
      'run_not_completed',
    );
    const silent = await run({ config: recipe(0.5, { event_log: 'off' }), data: { inline: bars } });
    expect((await get(`/backtests/${silent}/events`)).code).toBe('event_log_partial');
    await api.database.owner.query('DELETE FROM backtest_artifacts WHERE backtest_id = $1', [silent]);
    expect((await get(`/backtests/${silent}/timeline?vt_symbol=X.SIM`)).code).toBe('run_not_completed');
  });

  it('refuses a recipe too large for the event loop like a small one', async () => {
    const targets = Array.from({ length: 3_000 }, () => ({ time: '2024-01-02', vt_symbol: 'X.SIM', weight: 11 }));
    const config = recipe(0.5);
    const refused = await api.post(
      '/backtests',
      {
        config: {
          ...config,
          strategy: {
            ...config.strategy,
            kwargs: { ...config.strategy.kwargs, portfolio_model: { class: 'ScheduledTargets', kwargs: { targets } } },
          },
        },
        data: { inline: bars },
      },
      { token },
    );
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_component_params' } });
    expect(refused.body.errors).toHaveLength(50);
  });
});

describe('the quota of waiting runs', () => {
  it('holds when many ask at the same time', async () => {
    const api = await TestApi.start({
      env: {
        ALPHASWARM_RATE_PRINCIPAL: '100000',
        ALPHASWARM_RATE_WRITE: '100000',
        ALPHASWARM_RATE_ORG: '100000',
        ALPHASWARM_RATE_IP: '100000',
        ALPHASWARM_BACKTEST_MAX_WAITING: '5',
        ALPHASWARM_JOBS_EXECUTE: 'false',
      },
    });
    try {
      const token = await api.token('ann', { role: 'owner' });
      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          api.post('/backtests', { config: recipe(0.5), data: { inline: bars } }, { token }),
        ),
      );
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(5);
      const refused = answers.find(({ status }) => status !== 202);
      expect(refused).toMatchObject({ status: 429, body: { code: 'run_quota_exceeded' } });
      expect(refused?.headers.get('retry-after')).toBe('30');
    } finally {
      await api.stop();
    }
  });
});
