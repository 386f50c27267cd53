import { Injectable } from '@nestjs/common';
import { DomainError, NotFoundError } from '#kernel';
import type { RequestContext, WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { type BacktestFilter, BacktestViewsRepository } from './backtest-views.repository.ts';
import type { BacktestDetail, BacktestSummary } from './dto/backtest.views.ts';
import type { DecimalProfile } from './present-row.ts';

/** Reads of backtests. */
@Injectable()
export class BacktestViewsService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly views: BacktestViewsRepository,
  ) {}

  async summary(ctx: RequestContext, id: string, profile: DecimalProfile = 'number'): Promise<BacktestSummary> {
    return found(await this.tx.run(ctx, () => this.views.summary(id, profile)));
  }

  async detail(ctx: RequestContext, id: string, profile: DecimalProfile = 'number'): Promise<BacktestDetail> {
    return found(await this.tx.run(ctx, () => this.views.detail(id, profile)));
  }

  list(
    ctx: WorkspaceContext,
    filter: BacktestFilter,
    limit: number,
    after: { at: string; id: string } | null,
    profile: DecimalProfile,
  ): Promise<BacktestSummary[]> {
    return this.tx.run(ctx, () => this.views.list(ctx, filter, limit, after, profile));
  }

  /** Throws 409 `run_not_completed` while there are none. */
  async metrics(ctx: RequestContext, id: string): Promise<Record<string, number | null>> {
    const { metrics } = await this.detail(ctx, id);
    if (!metrics)
      throw new DomainError(409, 'run_not_completed', { detail: 'The run has no metrics: it is not completed.' });
    return metrics;
  }
}

function found<T>(row: T | undefined): T {
  if (row === undefined) throw new NotFoundError();
  return row;
}
