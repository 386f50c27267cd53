import { Injectable } from '@nestjs/common';
import { Clock, DomainError, NotFoundError, ValidationError } from '#kernel';
import { Authorization, Refusals } from '#platform/auth';
import type { RequestContext } from '#platform/context';
import { CredentialVault } from '#platform/credentials';
import { TenantTransaction } from '#platform/database';
import type { PageRequest, Precondition } from '#platform/http';
import { type CredentialRow, CredentialViewsRepository } from './credential-views.repository.ts';
import { WORKSPACE } from './credential.resource.ts';
import type { CreateCredentialBody, RotateCredentialBody } from './dto/credential.requests.ts';

const MOST_OF_AN_ORGANIZATION = 1_000;
const KEEP_OLD_SECONDS = 86_400;

/**
 * Keys of brokers, models and vendors that an organization brings (platform.md 8.4). Writes run in the request's
 * transaction.
 */
@Injectable()
export class CredentialsService {
  constructor(
    private readonly views: CredentialViewsRepository,
    private readonly vault: CredentialVault,
    private readonly authorization: Authorization,
    private readonly refusals: Refusals,
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
  ) {}

  async list(
    ctx: RequestContext,
    service: string | undefined,
    { after, limit }: PageRequest,
  ): Promise<CredentialRow[]> {
    const access = await this.authorization.activeAccess(ctx, 'org');
    const others = this.authorization.permits(ctx, 'credential:write', access);
    const filter = { service: service ?? null, subjectId: ctx.principal.id, others };
    const [id] = after ?? [];
    return this.tx.run(ctx, () => this.views.list(filter, typeof id === 'string' ? id : null, limit + 1));
  }

  /**
   * The door has judged the caller where it will count. Throws 404 for a scope that is no workspace and for an owner
   * whom the organization does not have, 409 `conflict` where there is one of that key, 409 `quota_exceeded`, 422 for
   * an expiry that has passed, 501 for a store that is not built.
   */
  async create(ctx: RequestContext, body: CreateCredentialBody): Promise<CredentialRow> {
    const { orgId } = ctx;
    if (orgId === null) throw new NotFoundError();
    if (body.store !== undefined && body.store !== 'pg')
      throw new DomainError(501, 'not_implemented', {
        detail: `Secrets are not kept in ${body.store} by this release.`,
      });
    const expiresAt = body.expires_at ? new Date(body.expires_at) : null;
    if (expiresAt && expiresAt.getTime() <= this.clock.now())
      throw new ValidationError([{ pointer: '/expires_at', code: 'min', message: 'must lie in the future' }]);
    const workspaceId = body.workspace_id ?? null;
    if (workspaceId !== null) await this.authorization.locate(ctx, WORKSPACE, workspaceId);
    const ownerUserId = body.owner_user_id ?? null;
    if (ownerUserId !== null && !(await this.views.isMember(ownerUserId))) throw new NotFoundError();
    if (!(await this.views.hasRoom(orgId, MOST_OF_AN_ORGANIZATION)))
      throw new DomainError(409, 'quota_exceeded', {
        detail: `The organization has ${MOST_OF_AN_ORGANIZATION} credentials, which is the most.`,
      });
    const { kind, service, purpose, label } = body;
    const place = { workspaceId, ownerUserId, kind, service, purpose, label };
    const id = await this.vault.create({ ...ctx, orgId }, { ...place, secret: textOf(body.secret), expiresAt });
    return this.#find(id);
  }

  /** Throws 403 for the personal credential of somebody else, 404 for a revoked one, 412 `version_mismatch`. */
  async rotate(
    ctx: RequestContext,
    id: string,
    { secret, keep_old_seconds = KEEP_OLD_SECONDS }: RotateCredentialBody,
    ifMatch: Precondition,
  ): Promise<CredentialRow> {
    const row = await this.#find(id);
    if (row.owner_user_id !== null && row.owner_user_id !== ctx.principal.id)
      await this.refusals.watch(ctx, () => Promise.reject(notYours()));
    await this.vault.rotate(id, textOf(secret), keep_old_seconds, (version) => ifMatch.check(version));
    return this.#find(id);
  }

  /** Throws 404 for a revoked one, 412 `version_mismatch`. */
  async revoke(id: string, ifMatch: Precondition): Promise<void> {
    await this.vault.revoke(id, (version) => ifMatch.check(version));
  }

  async #find(id: string): Promise<CredentialRow> {
    const row = await this.views.find(id);
    if (!row) throw new NotFoundError();
    return row;
  }
}

function textOf(secret: string | Record<string, string>): string {
  return typeof secret === 'string' ? secret : JSON.stringify(secret);
}

function notYours(): DomainError {
  return new DomainError(403, 'forbidden', {
    detail: 'A personal credential is changed by its owner; an admin may revoke it.',
    members: { required_permission: 'credential:write' },
  });
}
