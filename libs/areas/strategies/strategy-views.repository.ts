import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { WorkspaceContext } from '#platform/context';
import type {
  StrategyBrowseRow,
  StrategyDetail,
  StrategySummary,
  TestSummary,
  VersionSummary,
} from './dto/strategy.views.ts';

export interface StrategyFilter {
  status?: string;
  tag?: string;
  query?: string;
  minSharpe?: number;
  includeArchived?: boolean;
}

/** Position of a row in a list that is newest first. */
export interface ListPosition {
  at: string;
  id: string;
}

const SUMMARY =
  `
  s.id, s.name, s.status, s.version, s.created_by AS author, s.created_at, last.completed_at AS last_tested_at, ` +
  `last.sharpe AS last_sharpe`;

const LAST_TEST = `
  LEFT JOIN LATERAL (
    SELECT t.sharpe, t.total_return, t.max_drawdown, t.completed_at, t.engine FROM strategy_tests t
    WHERE t.strategy_id = s.id AND t.status = 'completed' ORDER BY t.completed_at DESC, t.id DESC LIMIT 1
  ) last ON true`;

const TEST_JSON =
  `json_build_object('id', t.id, 'status', t.status, 'engine', t.engine, 'sharpe', t.sharpe, ` +
  `'total_return', t.total_return,
  'max_drawdown', t.max_drawdown, 'backtest_id', t.backtest_id, 'created_at', rfc3339(t.created_at))`;

const VERSION_JSON =
  `json_build_object('id', v.id, 'version', v.version, 'spec_hash', v.spec_hash, 'author', ` +
  `v.author, 'created_at', rfc3339(v.created_at), 'notes', v.notes)`;

/** Screens of strategies: one statement per screen. */
@Injectable()
export class StrategyViewsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async detail(id: string): Promise<StrategyDetail | undefined> {
    const rows: StrategyDetail[] = await this.tx.manager.query(
      `SELECT ${SUMMARY}, s.tags, s.config_yaml,
        (SELECT v.spec_hash FROM strategy_versions v WHERE v.strategy_id = s.id AND v.version = s.version) AS spec_hash,
        COALESCE((SELECT json_agg(${VERSION_JSON} ORDER BY v.version DESC) FROM strategy_versions v WHERE v.strategy_id
        = s.id), '[]') AS versions,
        COALESCE((SELECT json_agg(${TEST_JSON} ORDER BY t.created_at DESC, t.id DESC) FROM
          (SELECT * FROM strategy_tests WHERE strategy_id = s.id ORDER BY created_at DESC, id DESC LIMIT 10) t), '[]')
          AS tests
       FROM strategies s ${LAST_TEST} WHERE s.id = $1`,
      [id],
    );
    return rows[0];
  }

  async list(
    ctx: WorkspaceContext,
    filter: StrategyFilter,
    limit: number,
    after: ListPosition | null,
  ): Promise<StrategySummary[]> {
    return this.#page(SUMMARY, ctx, filter, limit, after);
  }

  async browse(
    ctx: WorkspaceContext,
    filter: StrategyFilter,
    limit: number,
    after: ListPosition | null,
  ): Promise<StrategyBrowseRow[]> {
    return this.#page(
      `${SUMMARY}, s.tags, last.total_return AS last_total_return, last.max_drawdown AS last_max_drawdown, ` +
        `'strategy/' || left(s.id::text, 8) AS experiment_name,
       NULL AS latest_mlflow_run_id, v.normalised #>> '{strategy,kwargs,alpha_model,class}' AS alpha_class, ` +
        `v.normalised #>> '{backtest,engine}' AS engine`,
      ctx,
      filter,
      limit,
      after,
      'JOIN strategy_versions v ON v.strategy_id = s.id AND v.version = s.version',
    );
  }

  async tests(strategyId: string, limit: number, after: ListPosition | null): Promise<TestSummary[]> {
    const rows: { test: TestSummary }[] = await this.tx.manager.query(
      `SELECT ${TEST_JSON} AS test FROM strategy_tests t
       WHERE t.strategy_id = $1 AND ($2::timestamptz IS NULL OR (t.created_at, t.id) < ($2, $3::uuid))
       ORDER BY t.created_at DESC, t.id DESC LIMIT $4`,
      [strategyId, after?.at ?? null, after?.id ?? null, limit],
    );
    return rows.map((row) => row.test);
  }

  async versions(strategyId: string, limit: number, after: ListPosition | null): Promise<VersionSummary[]> {
    const rows: { version: VersionSummary }[] = await this.tx.manager.query(
      `SELECT ${VERSION_JSON} AS version FROM strategy_versions v
       WHERE v.strategy_id = $1 AND ($2::timestamptz IS NULL OR (v.created_at, v.id) < ($2, $3::uuid))
       ORDER BY v.created_at DESC, v.id DESC LIMIT $4`,
      [strategyId, after?.at ?? null, after?.id ?? null, limit],
    );
    return rows.map((row) => row.version);
  }

  async #page<Row>(
    columns: string,
    ctx: WorkspaceContext,
    filter: StrategyFilter,
    limit: number,
    after: ListPosition | null,
    join = '',
  ): Promise<Row[]> {
    return this.tx.manager.query(
      `SELECT ${columns} FROM strategies s ${join} ${LAST_TEST}
       WHERE s.workspace_id = $1 AND ($2::uuid IS NULL OR s.project_id = $2)
         AND ($3::text IS NULL OR s.status = $3) AND ($3 = 'archived' OR $4 OR s.archived_at IS NULL)
         AND ($5::text IS NULL OR $5 = ANY (s.tags))
         AND ($6::text IS NULL OR position(lower($6) in lower(s.name)) > 0)
         AND ($7::float8 IS NULL OR last.sharpe >= $7)
         AND ($8::timestamptz IS NULL OR (s.created_at, s.id) < ($8, $9::uuid))
       ORDER BY s.created_at DESC, s.id DESC LIMIT $10`,
      [
        ctx.workspaceId,
        ctx.projectId,
        filter.status ?? null,
        filter.includeArchived ?? false,
        filter.tag ?? null,
        filter.query ?? null,
        filter.minSharpe ?? null,
        after?.at ?? null,
        after?.id ?? null,
        limit,
      ],
    );
  }
}
