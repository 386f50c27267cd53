import type { Principal, RequestContext } from '#platform/context';

/** What of a request's context a job keeps: who asked and where, never the token. */
export interface StoredContext {
  org_id: string | null;
  workspace_id: string | null;
  project_id: string | null;
  lab_id: string | null;
  request_id: string;
  principal: { kind: Principal['kind']; id: string; actor: string };
}

export function storeContext(ctx: RequestContext): StoredContext {
  const { kind, id, actor } = ctx.principal;
  return {
    org_id: ctx.orgId,
    workspace_id: ctx.workspaceId,
    project_id: ctx.projectId,
    lab_id: ctx.labId,
    request_id: ctx.requestId,
    principal: { kind, id, actor },
  };
}

export function restoreContext(stored: StoredContext): RequestContext {
  return {
    orgId: stored.org_id,
    platform: stored.org_id === null,
    workspaceId: stored.workspace_id,
    projectId: stored.project_id,
    labId: stored.lab_id,
    requestId: stored.request_id,
    principal: { ...stored.principal, token: null },
    sourceIp: null,
  };
}
