import { Injectable } from '@nestjs/common';
import { NotFoundError, ValidationError } from '#kernel';
import { type ChainId, ChainVerifier, CheckpointKeys, type Verification, chainOf, parseChain } from '#platform/audit';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { AuditScope } from './audit-scope.service.ts';
import { CheckpointsRepository } from './checkpoints.repository.ts';
import type { VerifyRange } from './dto/audit.requests.ts';
import type { CheckpointView } from './dto/audit.views.ts';

@Injectable()
export class ChainsService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly scope: AuditScope,
    private readonly verifier: ChainVerifier,
    private readonly keys: CheckpointKeys,
    private readonly checkpoints: CheckpointsRepository,
  ) {}

  async verify(ctx: RequestContext, name: string, { from, to }: VerifyRange): Promise<Verification> {
    const chain = parseChain(name);
    if (!chain) throw new NotFoundError();
    if (from !== undefined && to !== undefined && from > to)
      throw new ValidationError([{ pointer: 'query:to', code: 'range', message: 'must not be less than from' }]);
    return this.scope.readChain(ctx, chain, (scope) => this.verifier.verify(scope, chain, from, to ?? null));
  }

  async listCheckpoints(
    ctx: RequestContext,
    name: string | undefined,
    limit: number,
    before: number | null,
  ): Promise<CheckpointView[]> {
    const chain = name === undefined ? chainOf(ctx.orgId) : parseChain(name);
    if (!chain)
      throw new ValidationError([
        { pointer: 'query:chain', code: 'format', message: 'must be "platform" or "org:" and a UUID' },
      ]);
    const rows = await this.scope.readChain(ctx, chain, (scope) => this.#list(scope, chain, limit, before));
    return rows.map((row) => ({ ...row, public_key: this.keys.publicKey(row.key_id) }));
  }

  #list(scope: Parameters<TenantTransaction['run']>[0], chain: ChainId, limit: number, before: number | null) {
    return this.tx.run(scope, () => this.checkpoints.list(chain, limit, before));
  }
}
