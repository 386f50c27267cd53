import { Injectable } from '@nestjs/common';
import { Clock, NotFoundError, newId } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { Precondition } from '#platform/http';
import type { StrategyDetail } from './dto/strategy.views.ts';
import { StrategiesRepository } from './strategies.repository.ts';
import type { StrategySpec } from './strategy-spec.ts';
import { StrategyViewsRepository } from './strategy-views.repository.ts';
import { newStrategyDetail } from './new-strategy-detail.ts';
import {
  type Strategy,
  type StrategyVersion,
  assertEditable,
  decideArchive,
  statusWithNewVersion,
} from './strategy.ts';

export interface CreateStrategy {
  name: string;
  spec: StrategySpec;
  notes?: string;
  tags?: string[];
}

export interface UpdateStrategy {
  spec: StrategySpec;
  notes?: string;
  ifMatch: Precondition;
}

/** Writes and versions strategies. */
@Injectable()
export class StrategiesService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly strategies: StrategiesRepository,
    private readonly views: StrategyViewsRepository,
  ) {}

  async create(ctx: WorkspaceContext, command: CreateStrategy): Promise<StrategyDetail> {
    const tags = command.tags ?? [];
    const first = this.#version(ctx, newId(this.clock), 1, command.spec, command.notes);
    const detail = newStrategyDetail({ name: command.name, tags }, first);
    return this.tx.run(
      ctx,
      () => Promise.resolve(detail),
      () => [this.strategies.insert(ctx, { name: command.name, tags }, first)],
    );
  }

  /** A new version when the hash is new; a known hash makes its version the current one again, without a new row. */
  async update(ctx: WorkspaceContext, id: string, command: UpdateStrategy): Promise<StrategyDetail> {
    const { spec } = command;
    return this.tx.run(ctx, async () => {
      const strategy = await this.#lock(id);
      command.ifMatch.check(strategy.version);
      assertEditable(strategy);
      const known = await this.strategies.versionByHash(id, spec.specHash);
      if (known?.version === strategy.version) return this.#detail(id);
      const version = known?.version ?? (await this.strategies.lastVersionNumber(id)) + 1;
      if (!known) await this.strategies.insertVersion(ctx, this.#version(ctx, id, version, spec, command.notes));
      await this.strategies.setCurrentVersion(
        id,
        version,
        known?.configYaml ?? spec.configYaml,
        statusWithNewVersion(strategy.status),
      );
      return this.#detail(id);
    });
  }

  async archive(ctx: WorkspaceContext, id: string, ifMatch: Precondition): Promise<{ id: string; status: 'archived' }> {
    return this.tx.run(ctx, async () => {
      const strategy = await this.#lock(id);
      ifMatch.check(strategy.version);
      if (decideArchive(strategy)) await this.strategies.archive(id, new Date(this.clock.now()));
      return { id, status: 'archived' };
    });
  }

  #version(
    ctx: WorkspaceContext,
    strategyId: string,
    version: number,
    spec: StrategySpec,
    notes?: string,
  ): StrategyVersion {
    return {
      id: newId(this.clock),
      strategyId,
      version,
      configYaml: spec.configYaml,
      normalised: spec.recipe,
      specHash: spec.specHash,
      author: ctx.principal.id,
      notes: notes ?? null,
      createdAt: new Date(this.clock.now()),
    };
  }

  async #lock(id: string): Promise<Strategy> {
    const strategy = await this.strategies.lock(id);
    if (!strategy) throw new NotFoundError();
    return strategy;
  }

  async #detail(id: string): Promise<StrategyDetail> {
    const detail = await this.views.detail(id);
    if (!detail) throw new NotFoundError();
    return detail;
  }
}
