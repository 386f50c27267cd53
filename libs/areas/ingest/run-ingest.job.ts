import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { InstrumentRegistry } from '#areas/data';
import { Clock, hashCanonical } from '#kernel';
import { IngestConfig, LakeConfig } from '#platform/config';
import { inWorkspace, type WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import {
  type JobExecution,
  type JobOutcome,
  JobProcessor,
  type JobRunner,
  type JobSettled,
  withStorage,
} from '#platform/jobs';
import { type AppendOutcome, LakeWriter } from '#platform/lake';
import { syntheticSplits } from '#quant/market-data';
import { type IngestRequest, syntheticPaths, type SyntheticSource } from './ingest-request.ts';
import { finalStatus, type IngestRunRow, type RunCounts } from './ingest-run.ts';
import { IngestRunsRepository } from './ingest-runs.repository.ts';
import { IngestThreads } from './ingest-threads.ts';
import type { ReadOutcome, ReadProgress } from './reading/read-bars.ts';
import type { RunWarning } from './reading/tally.ts';
import { checkActions, checkRejects, checkReplaced, statedAction } from './run-refusals.ts';
import { UploadedBars } from './uploaded-bars.ts';
import { warningText } from './warning-text.ts';

const QUARANTINE = { namespace: 'bronze_quarantine', table: 'rejected_rows' };
const FRAME_MS = 250;

/**
 * Carries out one ingestion run, on whichever process takes it (data.md 6.10). A lost process starts it over; its
 * commit key makes the append happen once.
 */
@JobProcessor({ name: 'ingest.run', queue: 'ingestion', timeoutMs: 3_600_000, lostProcessLimit: 50 })
@Injectable()
export class RunIngestJob implements JobRunner {
  readonly #logger = new Logger('ingest');
  readonly #staging: string;

  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly runs: IngestRunsRepository,
    private readonly files: UploadedBars,
    private readonly threads: IngestThreads,
    private readonly registry: InstrumentRegistry,
    private readonly writer: LakeWriter,
    private readonly config: IngestConfig,
    lake: LakeConfig,
  ) {
    this.#staging = lake.staging;
  }

  async run(job: JobExecution): Promise<Record<string, unknown>> {
    const ctx = inWorkspace(job.context);
    const run = await this.tx.run(ctx, async () => {
      await this.runs.advance(job.runId, 'running');
      return this.runs.find(ctx.workspaceId, job.runId);
    });
    if (!run) throw new Error(`ingest run ${job.runId} is gone`);
    await job.publish('start', 'The run starts.', { source: run.source, target: run.target });
    const stage = join(this.#staging, 'runs', run.id);
    await rm(stage, { recursive: true, force: true });
    try {
      return await this.#carryOut(ctx, job, run, stage);
    } finally {
      await rm(stage, { recursive: true, force: true });
    }
  }

  /** In the transaction that ends the job the run ends too. */
  async onSettled(job: JobExecution, outcome: JobOutcome): Promise<JobSettled | void> {
    const error = outcome.error ? { code: outcome.error.code, message: outcome.error.message } : null;
    if (outcome.status !== 'succeeded') {
      await this.runs.end(job.runId, outcome.status === 'cancelled' ? 'cancelled' : 'failed', error);
      return;
    }
    await this.runs.end(
      job.runId,
      outcome.result?.['status'] === 'partially_succeeded' ? 'partially_succeeded' : 'succeeded',
      null,
    );
  }

  async #carryOut(
    ctx: WorkspaceContext,
    job: JobExecution,
    run: IngestRunRow,
    stage: string,
  ): Promise<Record<string, unknown>> {
    const { request } = run;
    const { read, bytesRead } = await this.#read(ctx, job, request, stage);
    const counts: RunCounts = {
      rowsRead: read.rowsRead,
      rowsWritten: 0,
      rowsDuplicate: 0,
      rowsQuarantined: read.rowsRejected,
      bytesRead,
      truncated: read.truncated,
      reasons: read.reasons,
      refusals: read.refusals,
      warnings: read.warnings,
      commits: [],
    };
    await this.#advance(ctx, run.id, 'validating', counts);
    await job.publish('validate', `${read.rowsRead - read.rowsRejected} rows are good.`, {
      rows_ok: read.rowsRead - read.rowsRejected,
      rows_quarantined: read.rowsRejected,
      top_codes: topCodes(read.reasons),
    });
    if (read.rejected) await this.#quarantine(ctx, run, read);
    checkRejects(read, request);
    if (request.dedupe !== 'none')
      checkReplaced(read.rowsRead, await this.threads.replaced(ctx.orgId, stage, read.accepted, job.signal), request);
    checkActions(read, request);
    counts.warnings.push(...(await this.#inspect(ctx, job, read, stage)));
    let current: number | null = null;
    if (read.accepted.length > 0) {
      if (request.source.kind === 'synthetic') await this.#recordSplits(ctx, request.source);
      const outcome = await this.#append(ctx, job, run, read);
      counts.rowsWritten = outcome.rows;
      counts.rowsDuplicate = outcome.duplicates;
      current = outcome.version;
      if (outcome.conflicts > 0)
        counts.warnings.push({ code: 'dup_conflict', count: outcome.conflicts, first_line: outcome.conflictFirstLine });
      if (outcome.snapshotId !== null && outcome.version !== null)
        counts.commits.push({ commit_id: outcome.commitId, version: outcome.version, snapshot_id: outcome.snapshotId });
    }
    await this.#advance(ctx, run.id, 'verifying', counts);
    for (const warning of counts.warnings) {
      const { code, ...detail } = warning;
      await job.publish('warning', warningText(warning), { code, detail });
    }
    return {
      status: finalStatus(counts),
      rows_read: counts.rowsRead,
      rows_written: counts.rowsWritten,
      rows_duplicate: counts.rowsDuplicate,
      rows_quarantined: counts.rowsQuarantined,
      truncated: counts.truncated,
      reasons: counts.reasons,
      refusals: counts.refusals,
      warnings: counts.warnings,
      version: current,
      commits: counts.commits,
    };
  }

  async #read(
    ctx: WorkspaceContext,
    job: JobExecution,
    request: IngestRequest,
    stage: string,
  ): Promise<{ read: ReadOutcome; bytesRead: number }> {
    const { source } = request;
    const origin = { runId: job.runId, target: `${request.target.namespace}.${request.target.table}` };
    const maxRows = Math.min(request.maxRows ?? this.config.maxRows, this.config.maxRows);
    const pace = this.#pace(job);
    if (source.kind === 'synthetic')
      return {
        bytesRead: 0,
        read: await this.threads.synthesise(
          ctx.orgId,
          stage,
          {
            paths: syntheticPaths(source),
            origin: { ...origin, sourceId: 'synthetic' },
            maxRows,
            stageDirectory: stage,
          },
          job.signal,
          pace,
        ),
      };
    return withStorage(job, () =>
      this.files.read(ctx, request, { uploadId: source.upload_id, signal: job.signal }, async (bars, upload) => ({
        bytesRead: Number(upload.size_bytes),
        read: await this.threads.read(
          ctx.orgId,
          stage,
          { ...bars, origin: { ...origin, sourceId: 'upload' }, maxRows, stageDirectory: stage },
          job.signal,
          pace,
        ),
      })),
    );
  }

  /** Warnings that need what is stored already: outliers, stale prices, symbols that are new. */
  async #inspect(ctx: WorkspaceContext, job: JobExecution, read: ReadOutcome, stage: string): Promise<RunWarning[]> {
    if (read.accepted.length === 0) return [];
    const histories = (await this.registry.histories(ctx, read.symbols)).map((history) => ({
      ...history,
      exDays: [
        ...history.exDays,
        ...read.actions.filter(({ vtSymbol }) => vtSymbol === history.vtSymbol).map(({ exDay }) => exDay),
      ],
    }));
    const warnings = await this.threads.inspect(ctx.orgId, stage, read.accepted, histories, job.signal);
    const created = new Set(
      await this.registry.ensure(ctx, [...new Set(read.symbols.map(({ vtSymbol }) => vtSymbol))]),
    );
    const fresh = read.symbols.filter(({ vtSymbol }) => created.has(vtSymbol));
    if (fresh.length > 0)
      warnings.push({
        code: 'unknown_symbol',
        count: fresh.reduce((sum, { rows }) => sum + rows, 0),
        first_line: Math.min(...fresh.map(({ firstLine }) => firstLine)),
      });
    return warnings;
  }

  async #append(
    ctx: WorkspaceContext,
    job: JobExecution,
    run: IngestRunRow,
    read: ReadOutcome,
  ): Promise<AppendOutcome> {
    const { request } = run;
    await this.#advance(ctx, run.id, 'committing');
    return this.writer.append(ctx, request.target, read.accepted, {
      layer: request.target.layer,
      commitKey: `ingest:${run.commit_root}`,
      payloadSha256: hashCanonical({ run: run.commit_root, request }),
      dedupe: request.dedupe,
      runId: run.id,
      signal: job.signal,
      waitForLease: true,
      inCommit: async () => {
        await this.registry.recordActions(ctx, read.actions.map(statedAction));
      },
      beforeCommit: ({ files, rows }) =>
        job.publish('commit', `${rows} rows in ${files} files.`, { files, rows_written: rows, attempt: job.attempt }),
    });
  }

  /** Splits that a synthetic path brings are actions like any other. */
  async #recordSplits(ctx: WorkspaceContext, source: SyntheticSource): Promise<void> {
    for (const path of syntheticPaths(source))
      await this.registry.recordSplits(ctx, path.vtSymbol, syntheticSplits(path));
  }

  /** Refused rows are kept whether the run goes on or fails. */
  async #quarantine(ctx: WorkspaceContext, run: IngestRunRow, read: ReadOutcome): Promise<void> {
    const target = `${run.request.target.namespace}.${run.request.target.table}`;
    await this.writer.append(ctx, QUARANTINE, [read.rejected!], {
      layer: 'bronze',
      commitKey: `quarantine:${run.id}`,
      payloadSha256: hashCanonical({ run: run.id, rows: read.rowsRejected }),
      dedupe: 'none',
      runId: run.id,
      waitForLease: true,
      inCommit: () =>
        this.runs.insertQuarantine(ctx, { runId: run.id, target, rows: read.rowsRejected, reasons: read.reasons }),
    });
  }

  async #advance(
    ctx: WorkspaceContext,
    runId: string,
    status: 'validating' | 'committing' | 'verifying',
    counts?: RunCounts,
  ): Promise<void> {
    await this.tx.run(ctx, async () => {
      await this.runs.advance(runId, status);
      if (counts) await this.runs.count(runId, counts);
    });
  }

  /** At most four frames a second while rows are read. */
  #pace(job: JobExecution): (progress: ReadProgress) => void {
    const began = this.clock.now();
    let told = began;
    return ({ rowsRead, rowsRejected }) => {
      const now = this.clock.now();
      if (now - told < FRAME_MS) return;
      told = now;
      job
        .publish('read', `${rowsRead} rows read.`, {
          rows_read: rowsRead,
          rows_quarantined: rowsRejected,
          rows_per_second: Math.round((rowsRead * 1_000) / (now - began)),
        })
        .catch((error: unknown) => this.#logger.warn({ msg: 'progress not told', err: error }));
    };
  }
}

function topCodes(reasons: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(reasons)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 5),
  );
}
