import { BooleanField, EnumField, InstantField, IntegerField, ObjectField, TextField, UuidField } from '#platform/http';

/** What every scope shows. */
class ScopeView {
  @UuidField()
  id: string;

  @TextField({ max: 80, example: 'acme' })
  slug: string;

  @TextField({ max: 240, example: 'Acme' })
  name: string;

  @IntegerField({ min: 1, example: 1, description: 'Also the ETag.' })
  version: number;

  @InstantField()
  created_at: string;

  @InstantField()
  updated_at: string;
}

export class OrganizationView extends ScopeView {
  @TextField({ nullable: true, max: 320, example: null })
  billing_email: string | null;

  @EnumField(['active', 'suspended', 'deleted'])
  status: string;

  @TextField({ nullable: true, max: 64, example: 'local', description: 'Deployment cell that serves it.' })
  cell_id: string | null;

  @ObjectField({ example: {} })
  meta: Record<string, unknown>;
}

class ContainedScopeView extends ScopeView {
  @UuidField()
  org_id: string;

  @TextField({ nullable: true, max: 4_000, example: null })
  description: string | null;

  @BooleanField({ example: false, description: 'Archived: reads work, writes answer 409.' })
  archived: boolean;
}

export class TeamView extends ContainedScopeView {
  @ObjectField({ example: {} })
  meta: Record<string, unknown>;
}

export class WorkspaceView extends ContainedScopeView {
  @EnumField(['private', 'team', 'org'], { example: 'team' })
  visibility: string;

  @ObjectField({ example: {} })
  settings: Record<string, unknown>;

  @ObjectField({ example: {} })
  meta: Record<string, unknown>;
}

export class ProjectView extends ContainedScopeView {
  @UuidField()
  workspace_id: string;

  @ObjectField({ example: {} })
  settings: Record<string, unknown>;
}

export class LabView extends ProjectView {
  @TextField({ nullable: true, max: 512, example: null })
  kernel_image: string | null;

  @InstantField({ nullable: true, example: null })
  last_active_at: string | null;
}
