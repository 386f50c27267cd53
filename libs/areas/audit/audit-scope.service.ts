import { Injectable } from '@nestjs/common';
import { DomainError, NotFoundError } from '#kernel';
import { type ChainId, WorkloadRuntime, chainOf, failureOf, orgOf } from '#platform/audit';
import { Authorization, Refusals, staffRole } from '#platform/auth';
import type { RequestContext } from '#platform/context';
import type { TenantScope } from '#platform/database';

/** Whose audit records a caller may read. */
@Injectable()
export class AuditScope {
  constructor(
    private readonly authorization: Authorization,
    private readonly workloads: WorkloadRuntime,
    private readonly refusals: Refusals,
  ) {}

  /** The id of the caller where he may read only what he started himself (editors), else null. */
  async ownOnly(ctx: RequestContext): Promise<string | null> {
    const access = await this.authorization.activeAccess(ctx, 'org');
    return this.authorization.ownOnly('audit:read', access) ? ctx.principal.id : null;
  }

  /**
   * Reads a whole chain's records. Throws 404 for a chain that the caller cannot see, 403 for one whose records are not
   * all his to read.
   */
  async readChain<T>(ctx: RequestContext, chain: ChainId, read: (scope: TenantScope) => Promise<T>): Promise<T> {
    if (chain !== chainOf(ctx.orgId)) return this.readAcross(ctx, orgOf(chain), read);
    await this.refusals.watch(ctx, async () => {
      if ((await this.ownOnly(ctx)) === null) return;
      throw new DomainError(403, 'forbidden', {
        detail: 'You may read the records of your own runs only.',
        members: { required_permission: 'audit:read' },
      });
    });
    return read(ctx);
  }

  /**
   * Staff reads the records of another organization or of the platform, which is itself recorded. Everybody else gets
   * 404.
   */
  async readAcross<T>(ctx: RequestContext, orgId: string | null, read: (scope: TenantScope) => Promise<T>): Promise<T> {
    if (staffRole(ctx.principal.token) === null) throw new NotFoundError();
    const run = await this.workloads.begin(ctx, {
      action: 'audit.read',
      targetKind: orgId ? 'org' : 'platform',
      targetId: orgId ?? 'platform',
      payload: {},
    });
    try {
      const result = await read({ orgId: null, platformRead: true });
      await this.workloads.finish(run, { status: 'succeeded' });
      return result;
    } catch (error) {
      await this.workloads.finish(run, failureOf(error));
      throw error;
    }
  }
}
