/** Rows that a path id can name. */
export interface ResourceKind {
  /** Noun of the audit target. */
  readonly kind: string;
  readonly table: string;
  /** Column with the id of the scope on which the role counts; null where the rows lie in none, such as people. */
  readonly scope: string | null;
}

/**
 * Rows without a value in `scope` are their organization's own, and those without an organization the platform's; of a
 * table in `SCOPE_TABLES` the row is the scope.
 */
export function resource(
  kind: string,
  table: string,
  { scope = 'workspace_id' }: { scope?: string | null } = {},
): ResourceKind {
  return { kind, table, scope };
}

/** Tables whose ids are scopes themselves: role and visibility are those of the id. */
export const SCOPE_TABLES: ReadonlyMap<string, 'org' | 'team' | 'workspace' | 'project' | 'lab'> = new Map([
  ['organizations', 'org'],
  ['teams', 'team'],
  ['workspaces', 'workspace'],
  ['projects', 'project'],
  ['labs', 'lab'],
] as const);
