import { Injectable } from '@nestjs/common';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { BacktestDetail, BacktestSummary } from './dto/backtest.views.ts';
import type { DecimalProfile } from './present-row.ts';

export interface BacktestFilter {
  status?: string;
  strategyId?: string;
}

/** Money: as number, or exactly as text. */
const money = (column: string, profile: DecimalProfile): string =>
  profile === 'number' ? `r.${column}::float8 AS ${column}` : `trim_scale(r.${column})::text AS ${column}`;

const summaryColumns = (profile: DecimalProfile): string =>
  `r.id, r.status, rfc3339(r."start") AS "start", rfc3339(r."end") AS "end", r.sharpe, r.sortino, ` +
  `r.max_drawdown, r.total_return,
  ${money('final_equity', profile)}, r.dataset_hash, r.model_deployment_id, rfc3339(r.created_at) AS created_at, ` +
  `r.run_hash, r.spec_hash, r.engine,
  r.seed::float8 AS seed, r.warnings, r.run_name, r.event_log_hash, r.task_id, r.error_code`;

const detailColumns = (
  profile: DecimalProfile,
): string => `${summaryColumns(profile)}, r.parent_kind, r.parent_id, r.strategy_id, r.strategy_version_id,
  r.engine_version, r.context_hash, r.config, r.data_source, r."interval",
  r.currency, ${money('initial_cash', profile)}, r.calmar, r.volatility_ann, r.turnover, r.n_bars, r.n_orders,
  r.n_fills, r.metrics, rfc3339(r.first_decision) AS first_decision, r.replay, r.error,
  rfc3339(r.started_at) AS started_at, rfc3339(r.completed_at) AS completed_at,
  COALESCE((SELECT json_agg(json_build_object('kind', a.kind, 'rows', a.rows, 'bytes', a.bytes, 'sha256', a.sha256)
  ORDER BY a.kind)
    FROM backtest_artifacts a WHERE a.backtest_id = r.id), '[]') AS artifacts`;

/** Screens of backtests: one statement per screen. */
@Injectable()
export class BacktestViewsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async summary(id: string, profile: DecimalProfile = 'number'): Promise<BacktestSummary | undefined> {
    const rows: BacktestSummary[] = await this.tx.manager.query(
      `SELECT ${summaryColumns(profile)} FROM backtest_runs r WHERE r.id = $1`,
      [id],
    );
    return rows[0];
  }

  async detail(id: string, profile: DecimalProfile = 'number'): Promise<BacktestDetail | undefined> {
    const rows: BacktestDetail[] = await this.tx.manager.query(
      `SELECT ${detailColumns(profile)} FROM backtest_runs r WHERE r.id = $1`,
      [id],
    );
    return rows[0];
  }

  async list(
    ctx: WorkspaceContext,
    filter: BacktestFilter,
    limit: number,
    after: { at: string; id: string } | null,
    profile: DecimalProfile,
  ): Promise<BacktestSummary[]> {
    return this.tx.manager.query(
      `SELECT ${summaryColumns(profile)} FROM backtest_runs r
       WHERE r.workspace_id = $1 AND ($2::uuid IS NULL OR r.project_id = $2) AND ($3::text IS NULL OR r.status = $3) AND
         ($4::uuid IS NULL OR r.strategy_id = $4)
         AND ($5::timestamptz IS NULL OR (r.created_at, r.id) < ($5, $6::uuid))
       ORDER BY r.created_at DESC, r.id DESC LIMIT $7`,
      [
        ctx.workspaceId,
        ctx.projectId,
        filter.status ?? null,
        filter.strategyId ?? null,
        after?.at ?? null,
        after?.id ?? null,
        limit,
      ],
    );
  }
}
