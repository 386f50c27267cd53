/** Rows that a path id can name: the noun of the audit target, and the table they live in. */
export interface ResourceKind {
  readonly kind: string;
  readonly table: string;
}

export function resource(kind: string, table: string): ResourceKind {
  return { kind, table };
}

/** Tables whose ids are scopes themselves: role and visibility are those of the id. */
export const SCOPE_TABLES: ReadonlyMap<string, 'org' | 'team' | 'workspace' | 'project' | 'lab'> = new Map([
  ['organizations', 'org'],
  ['teams', 'team'],
  ['workspaces', 'workspace'],
  ['projects', 'project'],
  ['labs', 'lab'],
] as const);
