import { Injectable } from '@nestjs/common';
import { NotFoundError } from '#kernel';
import { staffRole } from '#platform/auth';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { PageRequest } from '#platform/http';
import { type ScopePage, type ScopeRows, type ScopeTable, ScopesRepository } from './scopes.repository.ts';

/** Reads of organizations and of what they contain, as far as the caller may see them. */
@Injectable()
export class ScopesService {
  constructor(
    private readonly repository: ScopesRepository,
    private readonly tx: TenantTransaction,
  ) {}

  /** The access guard has found the row; it may have gone in between. */
  async find<T extends ScopeTable>(ctx: RequestContext, table: T, id: string): Promise<ScopeRows[T]> {
    const row = await this.tx.run(ctx, () => this.repository.find(table, id));
    if (!row) throw new NotFoundError();
    return row;
  }

  organizations(ctx: RequestContext, page: PageRequest): Promise<ScopeRows['organizations'][]> {
    return this.tx.run(ctx, () => this.repository.organizationsOf(scopePage(ctx, page)));
  }

  list<T extends Exclude<ScopeTable, 'organizations'>>(
    ctx: RequestContext,
    table: T,
    page: PageRequest,
    workspaceId: string | null = null,
  ): Promise<ScopeRows[T][]> {
    return this.tx.run(ctx, () => this.repository.visible(table, scopePage(ctx, page), workspaceId));
  }
}

function scopePage(ctx: RequestContext, { after, limit }: PageRequest): ScopePage {
  const [name, id] = after ?? [];
  return {
    subject: ctx.principal.id,
    all: staffRole(ctx.principal.token) !== null,
    limit: limit + 1,
    after: typeof name === 'string' && typeof id === 'string' ? { name, id } : null,
  };
}
