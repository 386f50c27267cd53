import { Module } from '@nestjs/common';
import { newId } from '#kernel';
import { type RequestContext } from '#platform/context';
import { Jobs } from '#platform/jobs';
import { SCRIPTED, type Script } from '../../../libs/platform/jobs/testing/index.ts';
import type { TestApi } from './test-api.ts';

/** Jobs that do what their arguments say. */
@Module({ providers: SCRIPTED })
export class ScriptedJobsModule {}

/** The table in which scripted jobs keep their runs. */
export async function prepareScriptedJobs(api: TestApi): Promise<void> {
  await api.database.owner.query('CREATE TABLE scripted_runs (run_id uuid, org_id uuid, status text NOT NULL)');
  await api.database.owner.query("CALL isolate_tenant('scripted_runs')");
}

/** The context in which a token's holder acts, as a job of his has it. */
export async function contextOf(api: TestApi, token: string): Promise<RequestContext & { orgId: string }> {
  const { body } = await api.get('/auth/whoami', { token });
  const orgId = body.active_context.org_id as string;
  return {
    orgId,
    workspaceId: body.active_context.workspace_id ?? null,
    projectId: null,
    labId: null,
    requestId: newId(),
    sourceIp: null,
    principal: { kind: 'user', id: body.id, actor: `user:${body.id}`, token: null },
  };
}

export async function enqueueScripted(api: TestApi, ctx: RequestContext, does: Script): Promise<string> {
  const task = await api.app
    .get(Jobs)
    .enqueue(ctx, { queue: 'default', name: 'scripted.run', runId: newId(), args: { does }, maxAttempts: 1 });
  return task.task_id;
}
