import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { WorkspaceContext } from '#platform/context';
import type { Strategy, StrategyStatus, StrategyVersion } from './strategy.ts';

interface StrategyRow {
  id: string;
  name: string;
  status: StrategyStatus;
  version: number;
  config_yaml: string;
  created_by: string;
  tags: string[];
  workspace_id: string;
  project_id: string | null;
}

interface VersionRow {
  id: string;
  strategy_id: string;
  version: number;
  config_yaml: string;
  normalised: unknown;
  spec_hash: string;
  author: string;
  notes: string | null;
  created_at: Date;
}

const INSERT_VERSION = `
  INSERT INTO strategy_versions (id, org_id, workspace_id, project_id, owner_user_id, strategy_id, version, config_yaml,
    normalised, spec_hash, author, notes, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`;

/** Writes of strategies and their versions, and the reads that decide them. */
@Injectable()
export class StrategiesRepository {
  constructor(private readonly tx: TenantTransaction) {}

  /** A strategy and its first version, in one statement. */
  async insert(
    ctx: WorkspaceContext,
    strategy: { name: string; tags: string[] },
    first: StrategyVersion,
  ): Promise<void> {
    await this.tx.manager.query(
      `WITH strategy AS (
         INSERT INTO strategies (id, org_id, workspace_id, project_id, owner_user_id, version, config_yaml, created_by,
           created_at, name, tags)
         VALUES ($6, $2, $3, $4, $5, $7, $8, $11, $13, $14, $15)
       ) ${INSERT_VERSION}`,
      [...versionRow(ctx, first), strategy.name, strategy.tags],
    );
  }

  async insertVersion(ctx: WorkspaceContext, version: StrategyVersion): Promise<void> {
    await this.tx.manager.query(INSERT_VERSION, versionRow(ctx, version));
  }

  /** The strategy, locked until the transaction ends, so that versions are numbered without gaps. */
  async lock(id: string): Promise<Strategy | undefined> {
    const rows: StrategyRow[] = await this.tx.manager.query(
      `SELECT id, name, status, version, config_yaml, created_by, tags, workspace_id, project_id FROM strategies
      WHERE id = $1 FOR UPDATE`,
      [id],
    );
    const row = rows[0];
    return (
      row && {
        id: row.id,
        name: row.name,
        status: row.status,
        version: row.version,
        configYaml: row.config_yaml,
        createdBy: row.created_by,
        tags: row.tags,
        workspaceId: row.workspace_id,
        projectId: row.project_id,
      }
    );
  }

  async setCurrentVersion(id: string, version: number, configYaml: string, status: StrategyStatus): Promise<void> {
    await this.tx.manager.query('UPDATE strategies SET version = $2, config_yaml = $3, status = $4 WHERE id = $1', [
      id,
      version,
      configYaml,
      status,
    ]);
  }

  async setStatus(id: string, status: StrategyStatus): Promise<void> {
    await this.tx.manager.query('UPDATE strategies SET status = $2 WHERE id = $1', [id, status]);
  }

  async archive(id: string, at: Date): Promise<void> {
    await this.tx.manager.query("UPDATE strategies SET status = 'archived', archived_at = $2 WHERE id = $1", [id, at]);
  }

  async versionByNumber(strategyId: string, version: number): Promise<StrategyVersion | undefined> {
    return this.#version('strategy_id = $1 AND version = $2', [strategyId, version]);
  }

  async versionByHash(strategyId: string, specHash: string): Promise<StrategyVersion | undefined> {
    return this.#version('strategy_id = $1 AND spec_hash = $2', [strategyId, specHash]);
  }

  async lastVersionNumber(strategyId: string): Promise<number> {
    const rows: { last: number }[] = await this.tx.manager.query(
      'SELECT max(version) AS last FROM strategy_versions WHERE strategy_id = $1',
      [strategyId],
    );
    return rows[0]?.last ?? 0;
  }

  async #version(condition: string, parameters: unknown[]): Promise<StrategyVersion | undefined> {
    const rows: VersionRow[] = await this.tx.manager.query(
      `SELECT id, strategy_id, version, config_yaml, normalised, spec_hash, author, notes, created_at FROM
        strategy_versions WHERE ${condition}`,
      parameters,
    );
    const row = rows[0];
    return (
      row && {
        id: row.id,
        strategyId: row.strategy_id,
        version: row.version,
        configYaml: row.config_yaml,
        normalised: row.normalised,
        specHash: row.spec_hash,
        author: row.author,
        notes: row.notes,
        createdAt: row.created_at,
      }
    );
  }
}

function versionRow(ctx: WorkspaceContext, version: StrategyVersion): unknown[] {
  return [
    version.id,
    ctx.orgId,
    ctx.workspaceId,
    ctx.projectId,
    ownerOf(ctx),
    version.strategyId,
    version.version,
    version.configYaml,
    JSON.stringify(version.normalised),
    version.specHash,
    version.author,
    version.notes,
    version.createdAt,
  ];
}

function ownerOf(ctx: WorkspaceContext): string | null {
  return ctx.principal.kind === 'user' ? ctx.principal.id : null;
}
