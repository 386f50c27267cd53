import { TestApi } from './support/index.ts';

const recipe = (fast: number) => ({
  strategy: {
    class: 'FrameworkAlgorithm',
    kwargs: {
      universe_model: { class: 'StaticUniverse', kwargs: { symbols: ['SPX.CBOE'] } },
      alpha_model: { class: 'EmaCross', kwargs: { fast, slow: 50 } },
      portfolio_model: { class: 'EqualWeight', kwargs: { max_positions: 1 } },
    },
  },
});

describe('strategies', () => {
  let api: TestApi;
  let token: string;

  beforeAll(async () => {
    api = await TestApi.start();
    token = await api.token('ann', { role: 'owner' });
  });
  afterAll(() => api.stop());

  it('answers a new one as it is read afterwards', async () => {
    for (const labels of [{}, { notes: 'first "try"', tags: ['daily', 'ünï'] }]) {
      const { body: created } = await api.post(
        '/strategies',
        { name: 'new', config: recipe(20), ...labels },
        { token },
      );
      // As text: the order of the members counts, too.
      expect(JSON.stringify(created)).toBe(
        JSON.stringify((await api.get(`/strategies/${created.id}`, { token })).body),
      );
    }
  });

  it('archives only the version that the caller means', async () => {
    const { body: created } = await api.post('/strategies', { name: 'archived', config: recipe(20) }, { token });
    expect(
      (await api.put(`/strategies/${created.id}`, { config: recipe(10) }, { token, headers: { 'if-match': '"1"' } }))
        .body,
    ).toMatchObject({ version: 2 });
    expect(await api.delete(`/strategies/${created.id}`, { token, headers: { 'if-match': '"1"' } })).toMatchObject({
      status: 412,
      body: { code: 'version_mismatch' },
    });
    expect((await api.get(`/strategies/${created.id}`, { token })).body.status).toBe('draft');
    await api.database.owner.query("UPDATE strategies SET status = 'live' WHERE id = $1", [created.id]);
    expect(await api.delete(`/strategies/${created.id}`, { token })).toMatchObject({
      status: 409,
      body: { code: 'in_use' },
    });
    await api.database.owner.query("UPDATE strategies SET status = 'draft' WHERE id = $1", [created.id]);
    for (let i = 0; i < 2; i++)
      expect(await api.delete(`/strategies/${created.id}`, { token, headers: { 'if-match': '"2"' } })).toMatchObject({
        status: 200,
        body: { id: created.id, status: 'archived' },
      });
    expect(await api.put(`/strategies/${created.id}`, { config: recipe(30) }, { token })).toMatchObject({
      status: 409,
      body: { code: 'archived' },
    });
  });

  it('refuses a window of more than 50 years and takes one of 50', async () => {
    const validate = (end: string) =>
      api.post(
        '/strategies/validate',
        { config: { ...recipe(20), backtest: { kwargs: { start: '1970-01-01', end } } } },
        { token },
      );
    expect(await validate('2020-01-01')).toMatchObject({ status: 200, body: { valid: true } });
    expect(await validate('2020-01-02')).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/config/backtest/kwargs/end' }] },
    });
  });

  it('refuses a group of orders that cannot be meant, at its row, wherever a recipe is sent', async () => {
    const [parent, child] = ['2024-01-02', '2024-01-03'].map((time) => ({
      time,
      vt_symbol: 'X.SIM',
      side: 'buy',
      order_type: 'market',
      quantity: 1,
      contingency: 'oto',
      group_id: 'p',
    }));
    const { strategy } = recipe(20);
    const config = {
      strategy: {
        ...strategy,
        kwargs: {
          ...strategy.kwargs,
          execution_model: { class: 'ScheduledOrders', kwargs: { orders: [parent, child] } },
        },
      },
    };
    const bar = { vt_symbol: 'X.SIM', time: '2024-01-02', open: 1, high: 1, low: 1, close: 1, volume: null };
    for (const [path, body] of [
      ['/strategies', { name: 'groups' }],
      ['/strategies/validate', {}],
      ['/backtests', {}],
      ['/backtests', { data: { inline: [bar] } }],
    ] as const) {
      const answer = await api.post(path, { ...body, config }, { token });
      expect(answer).toMatchObject({
        status: 422,
        body: {
          code: 'invalid_component_params',
          errors: [{ pointer: '/config/strategy/kwargs/execution_model/kwargs/orders/1/time' }],
        },
      });
    }
  });

  it('refuses a test that can never be before anything is recorded', async () => {
    const { body: created } = await api.post('/strategies', { name: 'tested', config: recipe(20) }, { token });
    const recorded = async (): Promise<number> =>
      (await api.get('/audit/workload-runs?limit=200', { token })).body.data.length;
    const before = await recorded();
    const test = (body: Record<string, unknown>) => api.post(`/strategies/${created.id}/test`, body, { token });
    expect(await test({ engine: 'vectorbt' })).toMatchObject({
      status: 422,
      body: { code: 'engine_unavailable', errors: [{ pointer: '/engine' }] },
    });
    expect(await test({ engine: 'evnt' })).toMatchObject({
      status: 422,
      body: { code: 'unknown_component', nearest: ['event'] },
    });
    expect(await test({ start: '2020-01-02', end: '2020-01-02' })).toMatchObject({
      status: 422,
      body: { code: 'validation_failed', errors: [{ pointer: '/end' }] },
    });
    expect(await recorded()).toBe(before);
  });

  it('answers a long hostile mapping', async () => {
    const config_yaml = Array.from({ length: 25_000 }, (_, i) => `k${i}: 1`).join('\n');
    expect(await api.post('/strategies/validate', { config_yaml }, { token })).toMatchObject({
      status: 422,
      body: { code: 'validation_failed' },
    });
  });
});
