import { Injectable } from '@nestjs/common';
import { DomainError, NotFoundError } from '#kernel';
import type { RequestContext, WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { type BacktestFilter, BacktestViewsRepository } from './backtest-views.repository.ts';
import type { BacktestDetail, BacktestSummary } from './dto/backtest.views.ts';

/** Reads of backtests. */
@Injectable()
export class BacktestViewsService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly views: BacktestViewsRepository,
  ) {}

  async summary(ctx: RequestContext, id: string): Promise<BacktestSummary> {
    return found(await this.tx.run(ctx, () => this.views.summary(id)));
  }

  async detail(ctx: RequestContext, id: string): Promise<BacktestDetail> {
    return found(await this.tx.run(ctx, () => this.views.detail(id)));
  }

  list(ctx: WorkspaceContext, filter: BacktestFilter, limit: number, after: { at: string; id: string } | null): Promise<BacktestSummary[]> {
    return this.tx.run(ctx, () => this.views.list(ctx, filter, limit, after));
  }

  /** Throws 409 `run_not_completed` while there are none. */
  async metrics(ctx: RequestContext, id: string): Promise<Record<string, number | null>> {
    const { metrics } = await this.detail(ctx, id);
    if (!metrics) throw new DomainError(409, 'run_not_completed', { detail: 'The run has no metrics: it is not completed.' });
    return metrics;
  }
}

function found<T>(row: T | undefined): T {
  if (row === undefined) throw new NotFoundError();
  return row;
}
