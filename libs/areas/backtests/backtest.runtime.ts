import { Injectable } from '@nestjs/common';
import { RecipeReader } from '#areas/strategies';
import { Clock, DomainError, NotFoundError, newId } from '#kernel';
import { BacktestConfig } from '#platform/config';
import type { RequestContext, WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { InlineColumns } from '#platform/http';
import { Jobs, type QueuedTask } from '#platform/jobs';
import type { CorporateAction, InstrumentRules, NormalisedRecipe } from '#quant';
import { type BacktestOrder, type InlineInput, type ParentKind, isTerminal } from './backtest-run.ts';
import { BacktestInputs, universeOf } from './backtest-inputs.ts';
import { BacktestsRepository } from './backtests.repository.ts';
import { EngineThreads } from './engine/engine-threads.ts';

export interface BacktestRequest {
  config: unknown;
  runName?: string;
  /** Wins over the recipe's. */
  seed?: number;
  data?: {
    columns: InlineColumns;
    actions: CorporateAction[];
    instruments: Record<string, InstrumentRules>;
    repair: 'drop' | 'clamp' | null;
  };
}

/** A request whose recipe and bars the engine accepts. */
export type PreparedBacktest = Pick<
  BacktestOrder,
  'runName' | 'recipe' | 'specHash' | 'seed' | 'dataSource' | 'warnings'
> & {
  inline: (InlineInput & { runHash: string }) | null;
};

export interface StartOptions {
  /** Answer with a completed run of the same `run_hash` where there is one. */
  reuse?: boolean;
  parent?: { kind: ParentKind; id: string | null; strategyId: string; strategyVersionId: string };
}

/** More requests than are stored at the same time. */
const CROWD = 100;

export type StartedBacktest = { reused: string } | { reused: null; task: QueuedTask };

/** The only place that starts and stops backtests (trading.md 6.6, INV-2). */
@Injectable()
export class BacktestRuntime {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly config: BacktestConfig,
    private readonly jobs: Jobs,
    private readonly recipes: RecipeReader,
    private readonly threads: EngineThreads,
    private readonly inputs: BacktestInputs,
    private readonly backtests: BacktestsRepository,
  ) {}

  /** Normalises the recipe and packs the bars. Throws 422 for whatever the engine would refuse; changes nothing. */
  async prepare({ config, runName, seed: asked, data }: BacktestRequest): Promise<PreparedBacktest> {
    const { recipe, specHash, warnings } = await this.recipes.document(config);
    const seed = asked ?? recipe.backtest.kwargs.seed;
    const prepared = { runName: runName ?? null, recipe, specHash, seed, warnings };
    if (!data) return { ...prepared, dataSource: 'warehouse', inline: null };
    const { actions, instruments } = data;
    const { bars, repairs, runHash } = await this.threads.prepare(
      { recipe, specHash, seed, actions, instruments },
      data.columns,
      data.repair,
    );
    return {
      ...prepared,
      warnings: [...warnings, ...repairs],
      dataSource: 'inline',
      inline: { bars, actions, instruments, runHash },
    };
  }

  /** Stores the run and its queue entry in the caller's transaction. */
  async start(
    ctx: WorkspaceContext,
    { inline, ...prepared }: PreparedBacktest,
    { reuse, parent }: StartOptions = {},
  ): Promise<StartedBacktest> {
    const order: BacktestOrder = {
      ...prepared,
      id: newId(this.clock),
      workspaceId: ctx.workspaceId,
      parentKind: parent?.kind ?? 'adhoc',
      parentId: parent?.id ?? null,
      strategyId: parent?.strategyId ?? null,
      strategyVersionId: parent?.strategyVersionId ?? null,
    };
    if (reuse && isWholeInHash(prepared.recipe)) {
      const runHash = inline?.runHash ?? (await this.threads.identify(await this.inputs.load(ctx, order))).runHash;
      const reused = await this.tx.run(ctx, () => this.backtests.completedWithHash(ctx, runHash));
      if (reused) return { reused };
    }
    return this.tx.run(ctx, async () => {
      await this.#assertQuota(ctx);
      const task = await this.#enqueue(ctx, 'backtest.run', order);
      if (inline) await this.backtests.insertInput(ctx, order.id, inline);
      return { reused: null, task };
    });
  }

  /** Folds the event log of a completed run and compares what it gives with what the run stored. */
  async replay(ctx: WorkspaceContext, id: string): Promise<QueuedTask> {
    return this.tx.run(ctx, async () => {
      const asked = await this.backtests.order(id);
      // A replay left no log of its own: to replay it is to replay what it replayed.
      const original =
        asked?.parentKind === 'replay' && asked.parentId ? await this.backtests.order(asked.parentId) : asked;
      const state = await this.backtests.statusAndTask(id);
      if (!original || !state) throw new NotFoundError();
      if (state.status !== 'completed')
        throw new DomainError(409, 'run_not_completed', { detail: 'Only a completed run can be replayed.' });
      const mode = original.recipe.backtest.kwargs.event_log;
      if (mode !== 'full')
        throw new DomainError(409, 'event_log_partial', {
          detail: `The run kept its event log "${mode}"; a replay needs "full".`,
        });
      await this.#assertQuota(ctx);
      return this.#enqueue(ctx, 'backtest.replay', {
        ...original,
        id: newId(this.clock),
        parentKind: 'replay',
        parentId: original.id,
        warnings: [],
      });
    });
  }

  /** True when the run was still going and has been asked to stop. */
  async cancel(ctx: RequestContext, id: string): Promise<{ stopping: boolean; taskId: string; status: string }> {
    return this.tx.run(ctx, async () => {
      const state = await this.backtests.statusAndTask(id);
      if (!state) throw new NotFoundError();
      if (isTerminal(state.status)) return { stopping: false, taskId: state.taskId, status: state.status };
      await this.jobs.cancel(ctx, state.taskId);
      const after = await this.backtests.statusAndTask(id);
      return { stopping: true, taskId: state.taskId, status: after?.status ?? state.status };
    });
  }

  async #enqueue(ctx: WorkspaceContext, name: string, order: BacktestOrder): Promise<QueuedTask> {
    const task = await this.jobs.enqueue(ctx, { queue: 'backtest', name, runId: order.id, args: {} });
    await this.backtests.insert(ctx, order, task.task_id, new Date(this.clock.now()));
    return task;
  }

  async #assertQuota({ orgId }: WorkspaceContext): Promise<void> {
    const { maxWaiting } = this.config;
    if ((await this.backtests.countWaiting()) < maxWaiting - CROWD) return;
    // Close to the limit requests at the same time must not count each other out.
    await this.backtests.lockQuota(orgId);
    if ((await this.backtests.countWaiting()) < maxWaiting) return;
    throw new DomainError(429, 'run_quota_exceeded', {
      detail: `${this.config.maxWaiting} runs of the organization are waiting already.`,
      headers: { 'Retry-After': '30' },
    });
  }
}

/** A benchmark beside the universe decides metrics, and is in no hash of the run. */
function isWholeInHash(recipe: NormalisedRecipe): boolean {
  const { benchmark } = recipe.backtest.kwargs;
  return benchmark === null || universeOf(recipe).includes(benchmark);
}
