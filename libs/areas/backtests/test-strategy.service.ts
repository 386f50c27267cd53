import { Injectable } from '@nestjs/common';
import { StrategyTestsService } from '#areas/strategies';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { QueuedTask } from '#platform/jobs';
import type { NormalisedRecipe } from '#quant';
import { BacktestRuntime } from './backtest.runtime.ts';
import type { TestStrategyBody } from './dto/backtest.requests.ts';

/**
 * A test is a backtest of a stored version, with its row in the strategy's history. Both exist before the caller is
 * answered.
 */
@Injectable()
export class TestStrategyService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly runtime: BacktestRuntime,
    private readonly tests: StrategyTestsService,
  ) {}

  async start(ctx: WorkspaceContext, strategyId: string, body: TestStrategyBody): Promise<QueuedTask> {
    return this.tx.run(ctx, async () => {
      const { name, version } = await this.tests.begin(ctx, strategyId, body.version);
      const recipe = overridden(version.normalised as NormalisedRecipe, body);
      const prepared = await this.runtime.prepare({
        config: recipe,
        runName: `${name.slice(0, 100)}, version ${version.version}`,
      });
      const started = await this.runtime.start(ctx, prepared, {
        parent: { kind: 'test', id: strategyId, strategyId, strategyVersionId: version.id },
      });
      if (started.reused !== null) throw new Error('a test is always a run of its own');
      const { engine, kwargs } = recipe.backtest;
      await this.tests.record(ctx, version, started.task.run_id, {
        engine,
        start: kwargs.start,
        end: kwargs.end,
        notes: body.notes ?? null,
      });
      return started.task;
    });
  }
}

/** The version's recipe as a document again, with the engine and window of the request. */
function overridden(
  { schema_version: _, ...document }: NormalisedRecipe,
  body: TestStrategyBody,
): Omit<NormalisedRecipe, 'schema_version'> {
  const { engine, kwargs } = document.backtest;
  return {
    ...document,
    backtest: {
      engine: (body.engine ?? engine) as typeof engine,
      kwargs: { ...kwargs, start: body.start ?? kwargs.start, end: body.end ?? kwargs.end },
    },
  };
}
