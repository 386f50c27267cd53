import { Injectable } from '@nestjs/common';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { StrategyTestOutcome } from './strategy-test-outcome.ts';

export interface NewStrategyTest {
  id: string;
  strategyId: string;
  versionId: string;
  backtestId: string;
  engine: string;
  start: string | null;
  end: string | null;
  notes: string | null;
  createdAt: Date;
}

/** Rows of `strategy_tests`. */
@Injectable()
export class StrategyTestsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async insert(ctx: WorkspaceContext, test: NewStrategyTest): Promise<void> {
    await this.tx.manager.query(
      `INSERT INTO strategy_tests (id, org_id, workspace_id, project_id, owner_user_id, strategy_id, version_id,
        backtest_id, engine, "start", "end", notes, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        test.id,
        ctx.orgId,
        ctx.workspaceId,
        ctx.projectId,
        ctx.principal.kind === 'user' ? ctx.principal.id : null,
        test.strategyId,
        test.versionId,
        test.backtestId,
        test.engine,
        test.start,
        test.end,
        test.notes,
        test.createdAt,
      ],
    );
  }

  async finish(
    backtestId: string,
    outcome: StrategyTestOutcome,
  ): Promise<{ strategyId: string; version: number } | undefined> {
    const [rows]: [{ strategyId: string; version: number }[], number] = await this.tx.manager.query(
      `UPDATE strategy_tests t SET status = $2, sharpe = $3, sortino = $4, max_drawdown = $5, total_return = $6,
        final_equity = $7, completed_at = $8
       FROM strategy_versions v WHERE t.backtest_id = $1 AND v.id = t.version_id RETURNING t.strategy_id AS
         "strategyId", v.version`,
      [
        backtestId,
        outcome.status,
        outcome.sharpe,
        outcome.sortino,
        outcome.maxDrawdown,
        outcome.totalReturn,
        outcome.finalEquity,
        outcome.completedAt,
      ],
    );
    return rows[0];
  }
}
