import { Injectable } from '@nestjs/common';
import { Clock, DomainError, newId, NotFoundError, ValidationError } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { Jobs, QueuedTask, streamUrl } from '#platform/jobs';
import { type IngestRequest, readIngestRequest } from './ingest-request.ts';
import { type IngestRunRow, isFinal } from './ingest-run.ts';
import { IngestRunsRepository, type RunFilter } from './ingest-runs.repository.ts';

export interface BarsRequest {
  readonly symbols: readonly string[];
  readonly start: string;
  readonly end: string;
  readonly interval: string;
  readonly source?: string | Record<string, unknown> | null;
}

const DEFAULT_SEED = 42;

/** Starts, cancels and retries ingestion runs. */
@Injectable()
export class IngestRunsService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly runs: IngestRunsRepository,
    private readonly jobs: Jobs,
  ) {}

  /** `request`: as `RequestChecks` prepared it. */
  async start(ctx: WorkspaceContext, request: IngestRequest): Promise<QueuedTask> {
    const id = newId(this.clock);
    return this.#enqueue(ctx, { id, trigger: 'api', request, commitRoot: id, attempt: 1, retryOf: null });
  }

  /** The short form: one interval, one range, some symbols. */
  async startBars(ctx: WorkspaceContext, body: BarsRequest): Promise<QueuedTask> {
    const { symbols, start, end, interval } = body;
    const range = { vt_symbols: symbols, start, end, interval };
    if (typeof body.source !== 'string')
      return this.start(
        ctx,
        readIngestRequest({
          source: body.source?.['kind'] === 'synthetic' ? { ...range, ...body.source } : body.source,
        }).request,
      );
    const name = body.source;
    const kind = await this.tx.run(ctx, () => this.runs.sourceKind(name));
    if (kind === null)
      throw new ValidationError([
        { pointer: '/source', code: 'unknown_source', message: 'must be the name of a data source or a source object' },
      ]);
    if (kind !== 'synthetic')
      throw new DomainError(501, 'not_implemented', { detail: `The source ${name} is not available yet.` });
    return this.start(ctx, readIngestRequest({ source: { kind, model: 'gbm', seed: DEFAULT_SEED, ...range } }).request);
  }

  async show(ctx: WorkspaceContext, id: string): Promise<IngestRunRow> {
    const run = await this.tx.run(ctx, () => this.runs.find(ctx.workspaceId, id));
    if (!run) throw new NotFoundError();
    return run;
  }

  list(
    ctx: WorkspaceContext,
    filter: RunFilter,
    after: { at: string; id: string } | null,
    limit: number,
  ): Promise<IngestRunRow[]> {
    return this.tx.run(ctx, () => this.runs.page(ctx.workspaceId, filter, after, limit));
  }

  /** Asks a run to stop; a cancelled one answers the same again. Throws 409 `conflict` when it ended otherwise. */
  async cancel(ctx: WorkspaceContext, id: string): Promise<QueuedTask> {
    const run = await this.show(ctx, id);
    if (isFinal(run.status) && run.status !== 'cancelled')
      throw new DomainError(409, 'conflict', { detail: `The run is ${run.status} already.` });
    if (run.status !== 'cancelled' && run.task_id !== null) await this.jobs.cancel(ctx, run.task_id);
    return taskOf(run);
  }

  /** A new run for a failed or cancelled one; it completes the same commits. Throws 409 `not_retryable`. */
  async retry(ctx: WorkspaceContext, id: string): Promise<QueuedTask> {
    const run = await this.show(ctx, id);
    if (run.status !== 'failed' && run.status !== 'cancelled')
      throw new DomainError(409, 'not_retryable', {
        detail: `The run is ${run.status}; only a failed or cancelled one can be retried.`,
      });
    return this.#enqueue(ctx, {
      id: newId(this.clock),
      trigger: 'retry',
      request: run.request,
      commitRoot: run.commit_root,
      attempt: run.attempt + 1,
      retryOf: run.id,
    });
  }

  async #enqueue(ctx: WorkspaceContext, run: Parameters<IngestRunsRepository['insert']>[1]): Promise<QueuedTask> {
    return this.tx.run(ctx, async () => {
      await this.runs.insert(ctx, run);
      const task = await this.jobs.enqueue(ctx, { queue: 'ingestion', name: 'ingest.run', runId: run.id, args: {} });
      await this.runs.setTask(run.id, task.task_id);
      return task;
    });
  }
}

function taskOf(run: IngestRunRow): QueuedTask {
  const taskId = run.task_id ?? run.id;
  return Object.assign(new QueuedTask(), {
    task_id: taskId,
    run_id: run.id,
    status: 'queued',
    stream_url: streamUrl(taskId),
  });
}
