import { newId } from '#kernel';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { Progress } from '#platform/progress';
import { TestDatabase } from '../../database/testing/index.ts';
import { Jobs, type QueueName } from '../index.ts';
import { JobsProcess, type JobsProcessOptions } from './jobs-process.ts';
import { SCRIPTED, type Script } from './scripted.job.ts';

export interface JobRowView {
  status: string;
  attempt: number;
  lost: number;
  fencing: string;
  result: Record<string, unknown> | null;
  error: { code: string; message: string; retryable: boolean } | null;
  progress_seq: string | null;
  cancel_requested_at: Date | null;
}

/** A database with the table of the scripted jobs, and processes on it. */
export class JobsBench {
  readonly database: TestDatabase;
  readonly #processes = new Set<JobsProcess>();

  private constructor(database: TestDatabase) {
    this.database = database;
  }

  static async open(): Promise<JobsBench> {
    const database = await TestDatabase.create();
    await database.owner.query('CREATE TABLE scripted_runs (run_id uuid, org_id uuid, status text NOT NULL)');
    await database.owner.query("CALL isolate_tenant('scripted_runs')");
    return new JobsBench(database);
  }

  async process(options: JobsProcessOptions = {}): Promise<JobsProcess> {
    const process = await JobsProcess.start(this.database, { processors: SCRIPTED, ...options });
    this.#processes.add(process);
    return process;
  }

  async stop(process: JobsProcess): Promise<void> {
    this.#processes.delete(process);
    await process.stop();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#processes].map((process) => process.stop()));
    await this.database.drop();
  }

  async enqueue(
    process: JobsProcess,
    ctx: RequestContext,
    does: Script,
    name = 'scripted.run',
    queue: QueueName = 'default',
    maxAttempts = 2,
  ): Promise<string> {
    const task = await process.get(Jobs).enqueue(ctx, { queue, name, runId: newId(), args: { does }, maxAttempts });
    return task.task_id;
  }

  async row(id: string): Promise<JobRowView> {
    const { rows } = await this.database.owner.query<JobRowView>(
      'SELECT status, attempt, lost, fencing, result, error, progress_seq, cancel_requested_at FROM jobs WHERE id = $1',
      [id],
    );
    if (!rows[0]) throw new Error(`there is no job ${id}`);
    return rows[0];
  }

  async until(id: string, ...statuses: string[]): Promise<JobRowView> {
    for (let i = 0; i < 1_500; i++) {
      const row = await this.row(id);
      if (statuses.includes(row.status)) return row;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`job ${id} is ${(await this.row(id)).status}, not ${statuses.join(' or ')}`);
  }

  async frames(process: JobsProcess, ctx: RequestContext, id: string): Promise<Record<string, unknown>[]> {
    const { frames } = await process.get(Progress).replay(id, ctx.orgId, 0, 1_000);
    return frames.map(({ text }) => JSON.parse(text) as Record<string, unknown>);
  }

  /** Waits for the processor's own first frame: the row says `running` a moment earlier. */
  started(process: JobsProcess, ctx: RequestContext, id: string): Promise<void> {
    return this.said(process, ctx, id, 'start');
  }

  async said(process: JobsProcess, ctx: RequestContext, id: string, stage: string): Promise<void> {
    for (let i = 0; i < 1_500; i++) {
      if ((await this.stages(process, ctx, id)).includes(stage)) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`job ${id} does not say ${stage}`);
  }

  async stages(process: JobsProcess, ctx: RequestContext, id: string): Promise<unknown[]> {
    return (await this.frames(process, ctx, id)).map(({ stage }) => stage);
  }

  async count(sql: string, parameters: unknown[] = []): Promise<number> {
    const { rows } = await this.database.owner.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${sql}`,
      parameters,
    );
    return rows[0]?.n ?? 0;
  }

  async inTransaction<T>(process: JobsProcess, ctx: RequestContext, work: () => Promise<T>): Promise<T> {
    return process.get(TenantTransaction).run(ctx, work);
  }
}
