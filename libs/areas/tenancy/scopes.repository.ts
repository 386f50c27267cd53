import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { LabView, OrganizationView, ProjectView, TeamView, WorkspaceView } from './dto/scope.views.ts';

const HEAD = 't.id, t.slug, t.name, t.version, t.created_at, t.updated_at';
const CONTAINED = `${HEAD}, t.org_id, t.description, t.archived`;
const ARTEFACT = `${CONTAINED}, t.workspace_id, t.settings`;

const COLUMNS = {
  organizations: `${HEAD}, t.billing_email, t.status, t.cell_id, t.meta`,
  teams: `${CONTAINED}, t.meta`,
  workspaces: `${CONTAINED}, t.visibility, t.settings, t.meta`,
  projects: ARTEFACT,
  labs: `${ARTEFACT}, t.kernel_image, t.last_active_at`,
} as const;

/** Rows as the database gives them: times are still dates. */
type Row<V> = { [K in keyof V]: K extends `${string}_at` ? Date | Extract<V[K], null> : V[K] };

export interface ScopeRows {
  organizations: Row<OrganizationView>;
  teams: Row<TeamView>;
  workspaces: Row<WorkspaceView>;
  projects: Row<ProjectView>;
  labs: Row<LabView>;
}

export type ScopeTable = keyof ScopeRows;

/** Whoever asks, and where the page before ended. */
export interface ScopePage {
  readonly subject: string;
  /** Staff see every scope of the organization. */
  readonly all: boolean;
  readonly after: { name: string; id: string } | null;
  readonly limit: number;
}

/** Organizations, teams, workspaces, projects and labs as a subject may see them, by (name, id). */
@Injectable()
export class ScopesRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async find<T extends ScopeTable>(table: T, id: string): Promise<ScopeRows[T] | null> {
    const rows = await this.tx.manager.query<ScopeRows[T][]>(
      `SELECT ${COLUMNS[table]} FROM ${table} t WHERE t.id = $1`,
      [id],
    );
    return rows[0] ?? null;
  }

  async organizationsOf({ subject, after, limit }: ScopePage): Promise<ScopeRows['organizations'][]> {
    return this.tx.manager.query(
      `SELECT ${COLUMNS.organizations} FROM organizations_of($1) t WHERE $2::text IS NULL OR (t.name, t.id) > ($2,
        $3::uuid) ORDER BY t.name, t.id LIMIT $4`,
      [subject, after?.name ?? null, after?.id ?? null, limit],
    );
  }

  async visible<T extends Exclude<ScopeTable, 'organizations'>>(
    table: T,
    { subject, all, after, limit }: ScopePage,
    workspaceId: string | null = null,
  ): Promise<ScopeRows[T][]> {
    return this.tx.manager.query<ScopeRows[T][]>(
      `SELECT ${COLUMNS[table]} FROM ${table} t
       WHERE ($2 OR EXISTS (SELECT 1 FROM effective_role($1, t.id)))
         AND ($3::text IS NULL OR (t.name, t.id) > ($3, $4::uuid))
         ${workspaceId === null ? '' : 'AND t.workspace_id = $6'}
       ORDER BY t.name, t.id LIMIT $5`,
      [subject, all, after?.name ?? null, after?.id ?? null, limit, ...(workspaceId === null ? [] : [workspaceId])],
    );
  }
}
