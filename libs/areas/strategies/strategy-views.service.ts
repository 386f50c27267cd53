import { Injectable } from '@nestjs/common';
import { NotFoundError } from '#kernel';
import type { RequestContext, WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type {
  StrategyBrowseRow,
  StrategyDetail,
  StrategySummary,
  TestSummary,
  VersionDetail,
  VersionDiff,
  VersionSummary,
} from './dto/strategy.views.ts';
import { StrategiesRepository } from './strategies.repository.ts';
import { type ListPosition, type StrategyFilter, StrategyViewsRepository } from './strategy-views.repository.ts';
import type { StrategyVersion } from './strategy.ts';
import { unifiedDiff } from './unified-diff.ts';

/** Reads of strategies. */
@Injectable()
export class StrategyViewsService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly strategies: StrategiesRepository,
    private readonly views: StrategyViewsRepository,
  ) {}

  async detail(ctx: RequestContext, id: string): Promise<StrategyDetail> {
    const detail = await this.tx.read(ctx, () => this.views.detail(id));
    if (!detail) throw new NotFoundError();
    return detail;
  }

  list(
    ctx: WorkspaceContext,
    filter: StrategyFilter,
    limit: number,
    after: ListPosition | null,
  ): Promise<StrategySummary[]> {
    return this.tx.run(ctx, () => this.views.list(ctx, filter, limit, after));
  }

  browse(
    ctx: WorkspaceContext,
    filter: StrategyFilter,
    limit: number,
    after: ListPosition | null,
  ): Promise<StrategyBrowseRow[]> {
    return this.tx.run(ctx, () => this.views.browse(ctx, filter, limit, after));
  }

  tests(ctx: RequestContext, id: string, limit: number, after: ListPosition | null): Promise<TestSummary[]> {
    return this.tx.run(ctx, () => this.views.tests(id, limit, after));
  }

  versions(ctx: RequestContext, id: string, limit: number, after: ListPosition | null): Promise<VersionSummary[]> {
    return this.tx.run(ctx, () => this.views.versions(id, limit, after));
  }

  async version(ctx: RequestContext, id: string, number: number): Promise<VersionDetail> {
    const version = await this.tx.read(ctx, () => this.#version(id, number));
    return {
      id: version.id,
      strategy_id: id,
      version: version.version,
      spec_hash: version.specHash,
      author: version.author,
      created_at: version.createdAt.toISOString(),
      notes: version.notes,
      config_yaml: version.configYaml,
      normalised: { ...(version.normalised as Record<string, unknown>) },
    };
  }

  /** Unified diff of two versions' texts; `against` defaults to the version before, and the first one to itself. */
  async diff(ctx: RequestContext, id: string, number: number, against = Math.max(1, number - 1)): Promise<VersionDiff> {
    const [from, to] = await this.tx.run(
      ctx,
      async () => [await this.#version(id, against), await this.#version(id, number)] as const,
    );
    return {
      from_version: against,
      to_version: number,
      diff: unifiedDiff(
        { name: `version ${against}`, text: from.configYaml },
        { name: `version ${number}`, text: to.configYaml },
      ),
    };
  }

  async #version(id: string, number: number): Promise<StrategyVersion> {
    const version = await this.strategies.versionByNumber(id, number);
    if (!version) throw new NotFoundError();
    return version;
  }
}
