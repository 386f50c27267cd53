import { Injectable } from '@nestjs/common';
import { NotFoundError } from '#kernel';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { AuditScope } from './audit-scope.service.ts';
import type { ListWorkloadRuns } from './dto/audit.requests.ts';
import type { WorkloadRunDetail, WorkloadRunView } from './dto/audit.views.ts';
import { type RunPosition, WorkloadRunViewsRepository } from './workload-run-views.repository.ts';

@Injectable()
export class WorkloadRunsService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly scope: AuditScope,
    private readonly repository: WorkloadRunViewsRepository,
  ) {}

  async list(
    ctx: RequestContext,
    query: ListWorkloadRuns,
    limit: number,
    after: RunPosition | null,
  ): Promise<WorkloadRunView[]> {
    const orgId = query.org ?? ctx.orgId;
    if (orgId === null) return [];
    const { actor, action, status, target, from, to } = query;
    const filter = { orgId, actor, action, status, target, from, to };
    if (orgId !== ctx.orgId) {
      return this.scope.readAcross(ctx, orgId, (scope) =>
        this.tx.run(scope, () => this.repository.list({ ...filter, startedBy: null }, limit, after)),
      );
    }
    const startedBy = await this.scope.ownOnly(ctx);
    return this.tx.run(ctx, () => this.repository.list({ ...filter, startedBy }, limit, after));
  }

  async detail(ctx: RequestContext, id: string): Promise<WorkloadRunDetail> {
    const startedBy = await this.scope.ownOnly(ctx);
    return this.tx.run(ctx, async () => {
      const run = await this.repository.find(id, startedBy);
      if (!run) throw new NotFoundError();
      return { ...run, entries: await this.repository.entries(id) };
    });
  }
}
