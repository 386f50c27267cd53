import { Threads } from '#platform/threads';
import { JobsConfig, loadTopic } from '#platform/config';
import { RecipeReader } from './recipe-reader.ts';
import { readStrategySpec } from './strategy-spec.ts';

const recipe = (symbols: string[]) => ({
  strategy: {
    class: 'FrameworkAlgorithm',
    kwargs: {
      universe_model: { class: 'StaticUniverse', kwargs: { symbols } },
      alpha_model: { class: 'EmaCross', kwargs: {} },
      portfolio_model: { class: 'EqualWeight', kwargs: {} },
    },
  },
});
const LARGE = recipe(Array.from({ length: 4_000 }, (_, i) => `S${i}`));

describe('RecipeReader', () => {
  const threads = new Threads(loadTopic(JobsConfig, { ALPHASWARM_BACKTEST_WORKERS: '1' }));
  const reader = new RecipeReader(threads);

  afterAll(() => threads.onApplicationShutdown());

  it('reads a large recipe in a thread as it would here', async () => {
    expect(await reader.spec({ config: LARGE })).toEqual(readStrategySpec({ config: LARGE }));
    expect((await reader.document(LARGE)).specHash).toBe(readStrategySpec({ config: LARGE }).specHash);
    expect((await reader.spec({ config: recipe(['A']) })).recipe.strategy.kwargs.universe_model.kwargs).toEqual({
      symbols: ['A.NASDAQ'],
    });
  });

  it.each([
    ['small', 2],
    ['large', 600],
  ])('points into the body at a row of a %s table', async (_, rows) => {
    const leg = {
      time: '2024-01-02',
      vt_symbol: 'A.SIM',
      side: 'sell',
      order_type: 'limit',
      limit_price: 1,
      quantity: 1,
      contingency: 'bracket',
      group_id: 'g',
    };
    const orders = [
      ...Array.from({ length: rows }, () => ({ ...leg, contingency: 'none', group_id: null })),
      { ...leg, side: 'buy' },
      { ...leg, quantity: 2 },
    ];
    const config = {
      strategy: {
        class: 'FrameworkAlgorithm',
        kwargs: {
          ...recipe(['A.SIM']).strategy.kwargs,
          execution_model: { class: 'ScheduledOrders', kwargs: { orders } },
        },
      },
    };
    const refusal = {
      status: 422,
      code: 'invalid_component_params',
      options: { errors: [{ pointer: `/config/strategy/kwargs/execution_model/kwargs/orders/${rows + 1}/quantity` }] },
    };
    await expect(reader.document(config)).rejects.toMatchObject(refusal);
    await expect(reader.spec({ config })).rejects.toMatchObject(refusal);
    await expect(reader.spec({ config_yaml: JSON.stringify(config) })).rejects.toMatchObject({
      code: refusal.code,
      options: { errors: [{ pointer: refusal.options.errors[0]!.pointer.slice('/config'.length) }] },
    });
  });

  it('leaves the event loop free and hands refusals over', async () => {
    const text = `a: 1\n${Array.from({ length: 20_000 }, (_, i) => `k${i}: ${i}`).join('\n')}\na: 2\n`;
    const before = performance.eventLoopUtilization();
    await expect(reader.spec({ config_yaml: text })).rejects.toMatchObject({
      status: 400,
      code: 'invalid_yaml',
      options: { members: { line: 20_002, column: 1 } },
    });
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
  });
});
