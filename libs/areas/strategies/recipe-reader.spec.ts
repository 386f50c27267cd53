import { Threads } from '#platform/threads';
import { JobsConfig, loadTopic } from '#platform/config';
import { RecipeReader } from './recipe-reader.ts';
import { readStrategySpec } from './strategy-spec.ts';

const recipe = (symbols: string[]): Record<string, unknown> => ({
  strategy: {
    class: 'FrameworkAlgorithm',
    kwargs: { universe_model: { class: 'StaticUniverse', kwargs: { symbols } }, alpha_model: { class: 'EmaCross', kwargs: {} }, portfolio_model: { class: 'EqualWeight', kwargs: {} } },
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
    expect((await reader.spec({ config: recipe(['A']) })).recipe.strategy.kwargs.universe_model.kwargs).toEqual({ symbols: ['A.NASDAQ'] });
  });

  it('leaves the event loop free and hands refusals over', async () => {
    const text = `a: 1\n${Array.from({ length: 20_000 }, (_, i) => `k${i}: ${i}`).join('\n')}\na: 2\n`;
    const before = performance.eventLoopUtilization();
    await expect(reader.spec({ config_yaml: text })).rejects.toMatchObject({ status: 400, code: 'invalid_yaml', options: { members: { line: 20_002, column: 1 } } });
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
  });
});
