import { Injectable } from '@nestjs/common';
import { Clock, DomainError, NotFoundError, ValidationError, newId } from '#kernel';
import { Authorization, GrantSnapshots, Refusals } from '#platform/auth';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { Precondition } from '#platform/http';
import { type ChangeMembershipBody, type GrantMembershipBody, isStrong } from './dto/membership.requests.ts';
import { GrantsRepository } from './grants.repository.ts';
import type { MembershipRow } from './members.repository.ts';
import { SCOPES } from './tenancy.resources.ts';

const MOST_OF_AN_ORGANIZATION = 50_000;

/**
 * Gives, changes and takes grants (platform.md 5.4, 8.3). Who may give one may change and take it: what admins and
 * owners hold, and live control, is the owner's to touch. Every method runs in the request's transaction.
 */
@Injectable()
export class GrantsService {
  constructor(
    private readonly grants: GrantsRepository,
    private readonly authorization: Authorization,
    private readonly snapshots: GrantSnapshots,
    private readonly refusals: Refusals,
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
  ) {}

  /**
   * The door has judged the caller on the scope. Throws 404 for a scope or a subject that the organization does not
   * have, 409 `conflict` where the subject has a grant there, 409 `quota_exceeded`, 422 for an expiry that has passed.
   */
  async grant(ctx: RequestContext, body: GrantMembershipBody): Promise<MembershipRow> {
    const { live_control = false, expires_at = null, ...grant } = body;
    const grantor = this.#grantor(ctx, expires_at);
    const { scope } = await this.authorization.locate(ctx, SCOPES[grant.scope_kind], grant.scope_id);
    const orgId = scope.orgId;
    if (orgId === null || orgId !== ctx.orgId || !(await this.grants.hasSubject(grant.subject_kind, grant.subject_id)))
      throw new NotFoundError();
    if (!(await this.grants.hasRoom(orgId, MOST_OF_AN_ORGANIZATION)))
      throw new DomainError(409, 'quota_exceeded', {
        detail: `The organization has ${MOST_OF_AN_ORGANIZATION} memberships, which is the most.`,
      });
    const row = await this.grants.insert({
      id: newId(this.clock),
      orgId,
      ...grant,
      live_control,
      expires_at,
      ...grantor,
    });
    if (!row)
      throw new DomainError(409, 'conflict', {
        detail: 'There is a grant of this subject on this scope.',
        hint: 'Change it with PATCH /membership/{id}.',
      });
    this.#forget(row);
    return row;
  }

  /** Throws 403 `role_too_high`, 409 `last_owner`, 412 `version_mismatch`, 422 for an expiry that has passed. */
  async change(
    ctx: RequestContext,
    id: string,
    body: ChangeMembershipBody,
    ifMatch: Precondition,
  ): Promise<MembershipRow> {
    if (body.role === undefined && body.live_control === undefined && body.expires_at === undefined)
      throw new ValidationError([
        { pointer: '/role', code: 'required', message: 'send role, live_control or expires_at' },
      ]);
    const row = await this.#held(ctx, id);
    ifMatch.check(row.version);
    const expires_at = body.expires_at === undefined ? (row.expires_at?.toISOString() ?? null) : body.expires_at;
    const grantor = this.#grantor(ctx, expires_at);
    const changed = await this.grants.update(id, {
      role: body.role ?? row.role,
      live_control: body.live_control ?? row.live_control,
      expires_at,
      ...grantor,
    });
    await this.#keepAnOwner(row);
    this.#forget(row);
    return changed;
  }

  /** Throws 403 `role_too_high`, 409 `last_owner`, 412 `version_mismatch`. */
  async revoke(ctx: RequestContext, id: string, ifMatch: Precondition): Promise<void> {
    const row = await this.#held(ctx, id);
    ifMatch.check(row.version);
    await this.grants.remove(id);
    await this.#keepAnOwner(row);
    this.#forget(row);
  }

  /** The grant, locked. 403 `role_too_high` where the caller could not give it. */
  async #held(ctx: RequestContext, id: string): Promise<MembershipRow> {
    const row = await this.grants.lock(id);
    if (!row) throw new NotFoundError();
    const access = await this.authorization.accessInside(ctx, row.scope_id);
    if (isStrong(row) && !this.authorization.permits(ctx, 'membership:grant_admin', access))
      await this.refusals.watch(ctx, () => Promise.reject(roleTooHigh()));
    return row;
  }

  async #keepAnOwner({ org_id, scope_id }: MembershipRow): Promise<void> {
    if (scope_id !== org_id || (await this.grants.ownerRemains(org_id))) return;
    throw new DomainError(409, 'last_owner', {
      detail: 'An organization keeps at least one active owner without an expiry, who is a person.',
      hint: 'Make somebody else an owner first.',
    });
  }

  /** Who gives it at which moment, which the expiry lies behind however long the grant takes from here. */
  #grantor({ principal }: RequestContext, expiresAt: string | null): { grantedBy: string; grantedAt: string } {
    const now = this.clock.now();
    if (expiresAt !== null && Date.parse(expiresAt) <= now)
      throw new ValidationError([{ pointer: '/expires_at', code: 'min', message: 'must lie in the future' }]);
    return { grantedBy: principal.actor, grantedAt: new Date(now).toISOString() };
  }

  #forget({ org_id, subject_id }: MembershipRow): void {
    this.tx.afterCommit(() => this.snapshots.forget(new Set([org_id]), new Set([subject_id])));
  }
}

function roleTooHigh(): DomainError {
  return new DomainError(403, 'role_too_high', {
    detail: 'Grants of admins and owners, and those with live control, are changed and taken by an owner.',
    members: { required_permission: 'membership:grant_admin' },
  });
}
