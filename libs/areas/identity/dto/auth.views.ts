import { BooleanField, EnumField, IntegerField, NestedField, ObjectField, TextField, UuidField } from '#platform/http';
import { ROLES, type Role } from '#platform/auth';

export class DevToken {
  @TextField({
    max: 8_192,
    description: 'Bearer token.',
    example: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl',
  })
  access_token: string;

  @EnumField(['Bearer'])
  token_type: 'Bearer';

  @IntegerField({ min: 1, example: 3_600, description: 'Seconds.' })
  expires_in: number;
}

export class AuthProvider {
  @EnumField(['entra', 'auth0', 'local'], { example: 'local' })
  name: string;

  @TextField({ example: 'https://local.alphaswarm.invalid/', description: 'The `iss` of its tokens.' })
  issuer: string;

  @TextField({ nullable: true, example: null, description: 'Where people sign in.' })
  authority: string | null;

  @TextField({ nullable: true, example: null })
  client_id: string | null;

  @TextField({ example: 'https://api.alphaswarm.invalid/', description: 'The `aud` that this API accepts.' })
  audience: string;
}

export class PublicAuthConfig {
  @NestedField(() => AuthProvider, {
    each: true,
    description: 'Consulted by the issuer of a token, never tried in turn.',
  })
  providers: AuthProvider[];

  @BooleanField({ example: false, description: 'Does this service keep sessions in cookies?' })
  backend_session_supported: boolean;
}

export class ScopeRole {
  @UuidField()
  id: string;

  @EnumField(ROLES, { example: 'editor' })
  role: Role;

  @BooleanField({ example: false })
  live_control: boolean;
}

/** Where a request acts, and as whom. */
export class ActiveContext {
  @UuidField({ nullable: true })
  user_id: string | null;

  @UuidField({ nullable: true })
  org_id: string | null;

  @UuidField({ nullable: true, example: null })
  team_id: string | null;

  @UuidField({ nullable: true })
  workspace_id: string | null;

  @UuidField({ nullable: true, example: null })
  project_id: string | null;

  @UuidField({ nullable: true, example: null })
  lab_id: string | null;

  @UuidField({ nullable: true, example: null })
  run_id: string | null;

  @EnumField(ROLES, { nullable: true, example: 'owner', description: 'Effective role on the innermost active scope.' })
  role: Role | null;

  @BooleanField({ example: false })
  live_control: boolean;

  @ObjectField({ example: {} })
  extras: Record<string, unknown>;

  @TextField({
    example: '018cc251-f400-7000-8000-0000000000aa-no-ws-no-proj-no-run',
    description: '`{user}-{workspace or no-ws}-{project or lab or no-proj}-{run or no-run}`',
  })
  fingerprint: string;
}

export class WhoAmI {
  @UuidField({ nullable: true })
  id: string | null;

  @TextField({ nullable: true, max: 320, example: 'ann@local.alphaswarm.invalid' })
  email: string | null;

  @TextField({ nullable: true, max: 240, example: 'ann' })
  display_name: string | null;

  @EnumField(['entra', 'auth0', 'local'], { example: 'local' })
  auth_provider: string;

  @TextField({ example: 'ann' })
  auth_subject: string;

  @BooleanField({ example: false, description: 'Always false: nobody is anybody by default.' })
  is_default: boolean;

  @EnumField(['none', 'pending', 'active', 'suspended'], {
    example: 'none',
    description: 'State of the directory tenant that the sign-in came from.',
  })
  tenant_status: string;

  @NestedField(() => ScopeRole, { each: true })
  workspaces: ScopeRole[];

  @NestedField(() => ScopeRole, { each: true })
  projects: ScopeRole[];

  @NestedField(() => ScopeRole, { each: true })
  labs: ScopeRole[];

  @NestedField(() => ActiveContext)
  active_context: ActiveContext;
}
