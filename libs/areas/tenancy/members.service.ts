import { Injectable } from '@nestjs/common';
import { NotFoundError, ValidationError } from '#kernel';
import { Authorization, Refusals, staffRole } from '#platform/auth';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { PageRequest } from '#platform/http';
import type { EffectiveMembership } from './dto/member.views.ts';
import type { EffectiveQuery, ListMemberships, ScopeKind } from './dto/membership.requests.ts';
import { type MembershipRow, MembersRepository, type UserRow } from './members.repository.ts';
import { SCOPES } from './tenancy.resources.ts';

/** Reads of people, their grants, and what these add up to. */
@Injectable()
export class MembersService {
  constructor(
    private readonly repository: MembersRepository,
    private readonly authorization: Authorization,
    private readonly refusals: Refusals,
    private readonly tx: TenantTransaction,
  ) {}

  async user(ctx: RequestContext, id: string): Promise<UserRow> {
    const row = await this.tx.run(ctx, () => this.repository.user(id));
    if (!row) throw new NotFoundError();
    return row;
  }

  users(ctx: RequestContext, { after, limit }: PageRequest): Promise<UserRow[]> {
    const [name, id] = after ?? [];
    const position = typeof name === 'string' && typeof id === 'string' ? { name, id } : null;
    return this.tx.run(ctx, () => this.repository.users(position, limit + 1));
  }

  async memberships(
    ctx: RequestContext,
    query: ListMemberships,
    { after, limit }: PageRequest,
  ): Promise<MembershipRow[]> {
    const { scope_kind: kind, scope_id: scopeId = null, subject_id: subjectId = null } = query;
    if ((kind === undefined) !== (scopeId === null) || (scopeId === null && subjectId === null)) {
      throw new ValidationError([
        {
          pointer: kind === undefined ? 'query:scope_kind' : 'query:scope_id',
          code: 'required',
          message: 'send scope_kind with scope_id, or subject_id',
        },
      ]);
    }
    const inside = kind !== undefined && scopeId !== null ? await this.#scope(ctx, kind, scopeId, true) : ctx;
    const visibleTo = staffRole(ctx.principal.token) === null ? ctx.principal.id : null;
    const [id] = after ?? [];
    return this.tx.run(inside, () =>
      this.repository.memberships({ scopeId, subjectId, visibleTo }, typeof id === 'string' ? id : null, limit + 1),
    );
  }

  /** Of oneself for anybody who sees the scope, of others with `membership:read` there. */
  async effective(ctx: RequestContext, query: EffectiveQuery): Promise<EffectiveMembership> {
    const subjectId = query.subject_id ?? ctx.principal.id;
    const inside = await this.#scope(ctx, query.scope_kind, query.scope_id, subjectId !== ctx.principal.id);
    const path = await this.tx.run(inside, () => this.repository.grants(subjectId, query.scope_id));
    return {
      subject_id: subjectId,
      scope_kind: query.scope_kind,
      scope_id: query.scope_id,
      role: path[0]?.role ?? null,
      live_control: path.some((step) => step.live_control),
      path,
    };
  }

  /** 404 for a scope the caller cannot see, 403 without the permission on it. */
  async #scope(ctx: RequestContext, kind: ScopeKind, id: string, permission: boolean): Promise<RequestContext> {
    const { scope, access } = await this.authorization.locate(ctx, SCOPES[kind], id);
    if (permission)
      await this.refusals.watch(ctx, async () => this.authorization.demand(ctx, 'membership:read', access));
    return { ...ctx, ...scope };
  }
}
