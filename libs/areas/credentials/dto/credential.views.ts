import { CREDENTIAL_KINDS, type CredentialKind } from '#platform/credentials';
import { EnumField, InstantField, IntegerField, TextField, UuidField } from '#platform/http';

/** All that is ever shown of a credential. */
export class CredentialView {
  @UuidField()
  id: string;

  @UuidField({ nullable: true, example: null, description: 'Null: of the whole organization.' })
  workspace_id: string | null;

  @UuidField({ nullable: true, example: null, description: 'For this person alone; null: for all.' })
  owner_user_id: string | null;

  @EnumField(CREDENTIAL_KINDS, { example: 'llm' })
  kind: CredentialKind;

  @TextField({ max: 64, example: 'openai' })
  service: string;

  @TextField({ max: 64, example: 'api_key' })
  purpose: string;

  @TextField({ max: 120, example: 'research' })
  label: string;

  @EnumField(['pg'])
  store: string;

  @IntegerField({ min: 1, example: 1, description: 'Of the secret; also the ETag.' })
  version: number;

  @TextField({ max: 64, example: '5f2b', description: 'Equal secrets of the organization have equal ones.' })
  fingerprint: string;

  @TextField({ nullable: true, max: 4, example: 'ndor', description: 'Of a text of 16 characters or more.' })
  last4: string | null;

  @EnumField(['active', 'revoked'])
  status: string;

  @InstantField({ nullable: true, example: null })
  last_used_at: string | null;

  @InstantField({ nullable: true, example: null })
  expires_at: string | null;

  @InstantField()
  created_at: string;

  @InstantField()
  updated_at: string;
}
