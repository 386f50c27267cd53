import { EnumField, PageQuery, UuidField } from '#platform/http';

export const SCOPE_KINDS = ['org', 'team', 'workspace', 'project', 'lab'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** Either a scope, or a subject, or both. */
export class ListMemberships extends PageQuery {
  @EnumField(SCOPE_KINDS, { optional: true, example: 'org', description: 'With `scope_id`.' })
  scope_kind?: ScopeKind;

  @UuidField({ optional: true, example: '018cc251-f400-7000-8000-0000000000aa', description: 'With `scope_kind`.' })
  scope_id?: string;

  @UuidField({ optional: true, example: undefined, description: 'A user, team or service principal.' })
  subject_id?: string;
}

export class EffectiveQuery {
  @EnumField(SCOPE_KINDS, { example: 'workspace' })
  scope_kind: ScopeKind;

  @UuidField()
  scope_id: string;

  @UuidField({ optional: true, example: undefined, description: 'Default: the caller.' })
  subject_id?: string;
}
