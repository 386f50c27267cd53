import { Injectable } from '@nestjs/common';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { BacktestOutput, BarSeries, ReplayResult } from '#quant';
import type { BacktestOrder, BacktestStatus, InlineInput } from './backtest-run.ts';
import type { StoredArtifact } from './artifacts.repository.ts';
import { packedLayout, packedTail, seriesOf } from './engine/pack-bars.ts';

const PART_BYTES = 262_144;

interface OrderRow {
  id: string;
  workspace_id: string;
  parent_kind: BacktestOrder['parentKind'];
  parent_id: string | null;
  strategy_id: string | null;
  strategy_version_id: string | null;
  run_name: string | null;
  config: BacktestOrder['recipe'];
  spec_hash: string;
  seed: string;
  data_source: BacktestOrder['dataSource'];
  warnings: BacktestOrder['warnings'];
}

/** Writes of backtest runs, and the reads that decide them. */
@Injectable()
export class BacktestsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async insert(ctx: WorkspaceContext, order: BacktestOrder, taskId: string, createdAt: Date): Promise<void> {
    const { kwargs, engine } = order.recipe.backtest;
    await this.tx.manager.query(
      `INSERT INTO backtest_runs (id, org_id, workspace_id, project_id, owner_user_id, strategy_id, strategy_version_id,
        parent_kind, parent_id, task_id, run_name,
         engine, config, spec_hash, data_source, seed, "interval", currency, initial_cash, warnings, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
      [
        order.id,
        ctx.orgId,
        ctx.workspaceId,
        ctx.projectId,
        ctx.principal.kind === 'user' ? ctx.principal.id : null,
        order.strategyId,
        order.strategyVersionId,
        order.parentKind,
        order.parentId,
        taskId,
        order.runName,
        engine,
        JSON.stringify(order.recipe),
        order.specHash,
        order.dataSource,
        order.seed,
        kwargs.interval,
        kwargs.currency,
        kwargs.initial_cash,
        JSON.stringify(order.warnings),
        createdAt,
      ],
    );
  }

  async insertInput(ctx: WorkspaceContext, id: string, input: InlineInput): Promise<void> {
    await this.tx.manager.query(
      'INSERT INTO backtest_inputs (backtest_id, org_id, bars, actions, instruments) VALUES ($1, $2, $3, $4, $5)',
      [
        id,
        ctx.orgId,
        Buffer.from(input.bars.buffer, input.bars.byteOffset, input.bars.byteLength),
        JSON.stringify(input.actions),
        JSON.stringify(input.instruments),
      ],
    );
  }

  async order(id: string): Promise<BacktestOrder | undefined> {
    const rows: OrderRow[] = await this.tx.manager.query(
      `SELECT id, workspace_id, parent_kind, parent_id, strategy_id, strategy_version_id, run_name, config, spec_hash,
        seed, data_source, warnings FROM backtest_runs WHERE id = $1`,
      [id],
    );
    const row = rows[0];
    return (
      row && {
        id: row.id,
        workspaceId: row.workspace_id,
        parentKind: row.parent_kind,
        parentId: row.parent_id,
        strategyId: row.strategy_id,
        strategyVersionId: row.strategy_version_id,
        runName: row.run_name,
        recipe: row.config,
        specHash: row.spec_hash,
        seed: Number(row.seed),
        dataSource: row.data_source,
        warnings: row.warnings,
      }
    );
  }

  /**
   * In parts: the driver decodes each at once, and several megabytes would hold up the event loop. The bars lie in
   * memory that threads can share.
   */
  async input(id: string): Promise<InlineInput | undefined> {
    const rows: (Omit<InlineInput, 'bars'> & { bytes: number })[] = await this.tx.manager.query(
      'SELECT octet_length(bars) AS bytes, actions, instruments FROM backtest_inputs WHERE backtest_id = $1',
      [id],
    );
    if (!rows[0]) return undefined;
    const { bytes, ...rest } = rows[0];
    const bars = new Uint8Array(new SharedArrayBuffer(bytes));
    for (let at = 0; at < bytes; at += PART_BYTES) {
      const [read]: { part: Buffer }[] = await this.tx.manager.query(
        'SELECT substring(bars FROM $2 FOR $3) AS part FROM backtest_inputs WHERE backtest_id = $1',
        [id, at + 1, PART_BYTES],
      );
      bars.set(read!.part, at);
    }
    return { ...rest, bars };
  }

  /** The newest `rows` bars of a symbol that came with a request; null when it has none. */
  async inputTail(id: string, vtSymbol: string, rows: number): Promise<BarSeries | null> {
    const [found]: { header: Buffer }[] = await this.tx.manager.query(
      `SELECT substring(bars FOR position('\\x0a'::bytea IN bars)) AS header FROM backtest_inputs WHERE backtest_id =
        $1`,
      [id],
    );
    const packed = found && packedLayout(found.header).find((series) => series.vtSymbol === vtSymbol);
    if (!packed) return null;
    const parts = packedTail(packed, rows);
    const columns: { part: Buffer }[] = await this.tx.manager.query(
      `SELECT substring(i.bars FROM p.at + 1 FOR p.bytes) AS part FROM backtest_inputs i, unnest($2::int[], $3::int[])
        WITH ORDINALITY AS p(at, bytes, n) WHERE i.backtest_id = $1 ORDER BY p.n`,
      [id, parts.map(({ at }) => at), parts.map(({ bytes }) => bytes)],
    );
    return seriesOf(
      vtSymbol,
      columns.map(({ part }) => part),
    );
  }

  /** Lets no other run of the organization be counted and stored until the transaction ends. */
  async lockQuota(orgId: string): Promise<void> {
    await this.tx.manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('backtest-quota:' || $1, 0))`, [orgId]);
  }

  /** Waiting runs of the organization; row-level security counts no others. */
  async countWaiting(): Promise<number> {
    const rows: { waiting: number }[] = await this.tx.manager.query(
      "SELECT count(*)::int AS waiting FROM backtest_runs WHERE status = 'queued'",
    );
    return rows[0]?.waiting ?? 0;
  }

  async statusAndTask(id: string): Promise<{ status: BacktestStatus; taskId: string } | undefined> {
    const rows: { status: BacktestStatus; taskId: string }[] = await this.tx.manager.query(
      'SELECT status, task_id AS "taskId" FROM backtest_runs WHERE id = $1',
      [id],
    );
    return rows[0];
  }

  async completedWithHash(ctx: WorkspaceContext, runHash: string): Promise<string | undefined> {
    const rows: { id: string }[] = await this.tx.manager.query(
      `SELECT id FROM backtest_runs WHERE workspace_id = $1 AND run_hash = $2 AND status = 'completed' AND
      parent_kind <> 'replay' ORDER BY completed_at DESC, id DESC LIMIT 1`,
      [ctx.workspaceId, runHash],
    );
    return rows[0]?.id;
  }

  async markRunning(id: string, at: Date): Promise<void> {
    await this.tx.manager.query(
      `UPDATE backtest_runs SET status = 'running', started_at = COALESCE(started_at, $2) WHERE id = $1 AND status
      IN ('queued', 'running')`,
      [id, at],
    );
  }

  async markQueued(id: string): Promise<void> {
    await this.tx.manager.query("UPDATE backtest_runs SET status = 'queued' WHERE id = $1 AND status = 'running'", [
      id,
    ]);
  }

  /** A failed or cancelled run waits again, for another task. */
  async reopen(id: string, taskId: string): Promise<void> {
    await this.tx.manager.query(
      `UPDATE backtest_runs SET status = 'queued', task_id = $2, completed_at = NULL, error_code = NULL, error = NULL
        WHERE id = $1 AND status IN ('failed', 'cancelled')`,
      [id, taskId],
    );
  }

  async complete(id: string, output: Omit<BacktestOutput, 'artifacts'>, at: Date): Promise<void> {
    const { metrics } = output;
    await this.tx.manager.query(
      `UPDATE backtest_runs SET status = 'completed', completed_at = $2, engine = $3, engine_version = $4, dataset_hash
        = $5, context_hash = $6, run_hash = $7, "start" = $8, "end" = $9,
         final_equity = $10, sharpe = $11, sortino = $12, calmar = $13, max_drawdown = $14, total_return = $15,
         volatility_ann = $16, turnover = $17,
         n_bars = $18, n_orders = $19, n_fills = $20, metrics = $21, warnings = $22, event_log_hash = $23,
         first_decision = $24 WHERE id = $1`,
      [
        id,
        at,
        output.engine,
        output.engineVersion,
        output.datasetHash,
        output.contextHash,
        output.runHash,
        output.start,
        output.end,
        output.finalEquity,
        metrics.sharpe,
        metrics.sortino,
        metrics.calmar,
        metrics.max_drawdown,
        metrics.total_return,
        metrics.volatility_ann,
        metrics.turnover,
        output.counts.bars,
        output.counts.orders,
        output.counts.fills,
        JSON.stringify(metrics),
        JSON.stringify(output.warnings),
        output.eventLogHash,
        output.firstDecision,
      ],
    );
  }

  async completeReplay(id: string, replay: ReplayResultSummary, at: Date): Promise<void> {
    await this.tx.manager.query(
      `UPDATE backtest_runs r SET status = 'completed', completed_at = $2, replay = $3, event_log_hash = $4,
        engine_version = p.engine_version, dataset_hash = p.dataset_hash,
         context_hash = p.context_hash, run_hash = p.run_hash, "start" = p."start", "end" = p."end", final_equity = $5,
         n_fills = $6
       FROM backtest_runs p WHERE r.id = $1 AND p.id = r.parent_id`,
      [id, at, JSON.stringify(replay), replay.event_log_hash, replay.final_equity, replay.n_fills],
    );
  }

  async end(
    id: string,
    status: 'failed' | 'cancelled',
    error: { code: string; message: string } | null,
    at: Date,
  ): Promise<void> {
    await this.tx.manager.query(
      'UPDATE backtest_runs SET status = $2, completed_at = $3, error_code = $4, error = $5 WHERE id = $1',
      [id, status, at, error?.code ?? null, error?.message ?? null],
    );
  }

  async insertArtifacts(
    ctx: { orgId: string | null },
    id: string,
    artifacts: readonly StoredArtifact[],
    at: Date,
  ): Promise<void> {
    for (const artifact of artifacts) {
      await this.tx.manager.query(
        `INSERT INTO backtest_artifacts (backtest_id, org_id, kind, rows, bytes, sha256, inline, uri, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          id,
          ctx.orgId,
          artifact.kind,
          artifact.rows,
          artifact.bytes,
          artifact.sha256,
          artifact.inline,
          artifact.uri,
          at,
        ],
      );
    }
  }
}

/** What a replay found; stored with its run and told in its `done` frame. */
export interface ReplayResultSummary {
  identical: boolean;
  first_diff: ReplayDifference | null;
  event_log_hash: ReplayResult['eventLogHash'];
  final_equity: number;
  n_fills: number;
}

export interface ReplayDifference {
  artifact: 'equity' | 'fills' | 'event_log';
  index: number;
  expected: unknown;
  actual: unknown;
}
