import { ROLES, type BodyDemands, type Role } from '#platform/auth';
import { BooleanField, EnumField, InstantField, PageQuery, UuidField } from '#platform/http';

export const SCOPE_KINDS = ['org', 'team', 'workspace', 'project', 'lab'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

export const SUBJECT_KINDS = ['user', 'team', 'service_principal'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

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

export class GrantMembershipBody {
  @EnumField(SUBJECT_KINDS, { example: 'user' })
  subject_kind: SubjectKind;

  @UuidField({ description: 'A person of the organization, one of its teams or of its service principals.' })
  subject_id: string;

  @EnumField(SCOPE_KINDS, { example: 'workspace' })
  scope_kind: ScopeKind;

  @UuidField()
  scope_id: string;

  @EnumField(ROLES, { example: 'editor' })
  role: Role;

  @BooleanField({ optional: true, example: false, description: 'May engage what trades with real money.' })
  live_control?: boolean;

  @InstantField({ optional: true, nullable: true, example: null, description: 'Null: until it is taken back.' })
  expires_at?: string | null;
}

export class ChangeMembershipBody {
  @EnumField(ROLES, { optional: true, example: 'viewer' })
  role?: Role;

  @BooleanField({ optional: true, example: false })
  live_control?: boolean;

  @InstantField({ optional: true, nullable: true, example: null, description: 'Null: until it is taken back.' })
  expires_at?: string | null;
}

const STRONG: ReadonlySet<Role | undefined> = new Set(['admin', 'owner']);

/** Grants that an owner alone gives, changes and takes (platform.md 5.3). */
export function isStrong({ role, live_control }: { role?: Role; live_control?: boolean }): boolean {
  return STRONG.has(role) || live_control === true;
}

/** What giving this grant takes on its scope (platform.md 8.3). */
export function demandsOfGrant(body: object): BodyDemands {
  const { scope_id: scopeId, ...grant } = body as GrantMembershipBody;
  return isStrong(grant)
    ? { permissions: [{ permission: 'membership:grant_admin', scopeId }], stepUp: true }
    : { permissions: [{ permission: 'membership:grant', scopeId }] };
}

/** What changing a grant into this takes beside `membership:grant`. */
export function demandsOfChange(body: object): BodyDemands {
  return isStrong(body as ChangeMembershipBody)
    ? { permissions: [{ permission: 'membership:grant_admin' }], stepUp: true }
    : {};
}
