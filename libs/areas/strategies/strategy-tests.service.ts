import { Injectable } from '@nestjs/common';
import { Clock, NotFoundError, newId } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction, type TenantScope } from '#platform/database';
import { StrategiesRepository } from './strategies.repository.ts';
import type { StrategyTestOutcome } from './strategy-test-outcome.ts';
import { StrategyTestsRepository } from './strategy-tests.repository.ts';
import { type StrategyVersion, assertEditable, statusWhenTestCompletes, statusWhenTestStarts } from './strategy.ts';

/** The life of a strategy's tests; the backtests themselves belong to the backtest runtime. */
@Injectable()
export class StrategyTestsService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly strategies: StrategiesRepository,
    private readonly tests: StrategyTestsRepository,
  ) {}

  /** The strategy's name and the version to test (default the current one); a draft is frozen by it. */
  async begin(
    ctx: WorkspaceContext,
    strategyId: string,
    versionNumber?: number,
  ): Promise<{ name: string; version: StrategyVersion }> {
    return this.tx.run(ctx, async () => {
      const strategy = await this.strategies.lock(strategyId);
      if (!strategy) throw new NotFoundError();
      assertEditable(strategy);
      const version = await this.strategies.versionByNumber(strategyId, versionNumber ?? strategy.version);
      if (!version) throw new NotFoundError();
      const status = statusWhenTestStarts(strategy.status);
      if (status !== strategy.status) await this.strategies.setStatus(strategyId, status);
      return { name: strategy.name, version };
    });
  }

  async record(
    ctx: WorkspaceContext,
    version: StrategyVersion,
    backtestId: string,
    test: { engine: string; start: string | null; end: string | null; notes: string | null },
  ): Promise<void> {
    await this.tx.run(ctx, () =>
      this.tests.insert(ctx, {
        id: newId(this.clock),
        strategyId: version.strategyId,
        versionId: version.id,
        backtestId,
        ...test,
        createdAt: new Date(this.clock.now()),
      }),
    );
  }

  /** Called in the transaction that ends the backtest. */
  async finish(scope: TenantScope, backtestId: string, outcome: StrategyTestOutcome): Promise<void> {
    await this.tx.run(scope, async () => {
      const tested = await this.tests.finish(backtestId, outcome);
      if (!tested || outcome.status !== 'completed') return;
      const strategy = await this.strategies.lock(tested.strategyId);
      if (!strategy) return;
      const status = statusWhenTestCompletes(strategy, tested.version);
      if (status !== strategy.status) await this.strategies.setStatus(strategy.id, status);
    });
  }
}
