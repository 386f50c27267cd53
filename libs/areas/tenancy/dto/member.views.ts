import { BooleanField, EnumField, InstantField, IntegerField, NestedField, TextField, UuidField } from '#platform/http';
import { ROLES, type Role } from '#platform/auth';
import { SCOPE_KINDS } from './membership.requests.ts';

export class UserView {
  @UuidField()
  id: string;

  @TextField({ max: 320, example: 'ann@example.com' })
  email: string;

  @TextField({ max: 240, example: 'Ann' })
  display_name: string;

  @EnumField(['active', 'pending', 'suspended', 'deleted'])
  status: string;

  @TextField({ nullable: true, max: 1_024, example: null })
  avatar_url: string | null;

  @InstantField({ nullable: true, example: null })
  last_login_at: string | null;

  @IntegerField({ min: 1, example: 1, description: 'Also the ETag.' })
  version: number;

  @InstantField()
  created_at: string;

  @InstantField()
  updated_at: string;
}

export class MembershipView {
  @UuidField()
  id: string;

  @UuidField()
  org_id: string;

  @EnumField(['user', 'team', 'service_principal'])
  subject_kind: string;

  @UuidField()
  subject_id: string;

  @EnumField(SCOPE_KINDS)
  scope_kind: string;

  @UuidField()
  scope_id: string;

  @EnumField(ROLES, { example: 'editor' })
  role: Role;

  @BooleanField({ example: false })
  live_control: boolean;

  @TextField({ max: 120, example: 'user:018cc251-f400-7000-8000-0000000000aa' })
  granted_by: string;

  @InstantField()
  granted_at: string;

  @InstantField({ nullable: true, example: null })
  expires_at: string | null;

  @EnumField(['manual', 'entra', 'auth0', 'scim'])
  source: string;

  @IntegerField({ min: 1, example: 1 })
  version: number;
}

/** One reason why somebody has a role. */
export class GrantStep {
  @EnumField(['direct', 'team', 'visibility'])
  via: string;

  @EnumField(ROLES, { example: 'editor', description: 'What this step yields.' })
  role: Role;

  @BooleanField({ example: false })
  live_control: boolean;

  @UuidField({ nullable: true })
  membership_id: string | null;

  @EnumField(SCOPE_KINDS)
  scope_kind: string;

  @UuidField()
  scope_id: string;

  @UuidField({ nullable: true, example: null })
  team_id: string | null;
}

export class EffectiveMembership {
  @UuidField()
  subject_id: string;

  @EnumField(SCOPE_KINDS)
  scope_kind: string;

  @UuidField()
  scope_id: string;

  @EnumField(ROLES, { nullable: true, example: 'editor', description: 'Null: none.' })
  role: Role | null;

  @BooleanField({ example: false })
  live_control: boolean;

  @NestedField(() => GrantStep, { each: true, description: 'Every grant that counts, the strongest first.' })
  path: GrantStep[];
}
