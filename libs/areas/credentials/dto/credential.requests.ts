import { ApiProperty } from '@nestjs/swagger';
import type { BodyDemands } from '#platform/auth';
import { CREDENTIAL_KINDS, type CredentialKind } from '#platform/credentials';
import { EnumField, InstantField, IntegerField, PageQuery, TextField, UuidField } from '#platform/http';
import { IsSecret } from './secret-rule.ts';

export const STORES = ['pg', 'azure_kv', 'aws_sm', 'gcp_sm', 'vault', 'env', 'file'] as const;
export type Store = (typeof STORES)[number];

const NAME = /^[a-z0-9][a-z0-9_-]*$/;

function SecretField(): PropertyDecorator {
  return (target, property) => {
    IsSecret()(target, property);
    ApiProperty({
      oneOf: [
        { type: 'string', minLength: 1, maxLength: 16_384 },
        { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1 },
      ],
      required: true,
      writeOnly: true,
      example: 'an-api-key-of-a-vendor',
      description: 'A text, or texts by name. Taken once, sealed, and in no answer.',
    })(target, property);
  };
}

export class ListCredentials extends PageQuery {
  @TextField({ optional: true, max: 64, pattern: NAME, example: 'openai' })
  service?: string;
}

export class CreateCredentialBody {
  @EnumField(CREDENTIAL_KINDS, { example: 'llm' })
  kind: CredentialKind;

  @TextField({ max: 64, pattern: NAME, example: 'openai' })
  service: string;

  @TextField({ max: 64, pattern: NAME, example: 'api_key' })
  purpose: string;

  @TextField({ max: 120, name: true, example: 'research' })
  label: string;

  @SecretField()
  secret: string | Record<string, string>;

  @UuidField({ optional: true, nullable: true, example: null, description: 'Null: of the whole organization.' })
  workspace_id?: string | null;

  @UuidField({ optional: true, nullable: true, example: null, description: 'For this person alone; null: for all.' })
  owner_user_id?: string | null;

  @InstantField({ optional: true, nullable: true, example: null })
  expires_at?: string | null;

  @EnumField(STORES, { optional: true, example: 'pg', description: 'Only `pg` is built; the others answer 501.' })
  store?: Store;
}

export class RotateCredentialBody {
  @SecretField()
  secret: string | Record<string, string>;

  @IntegerField({
    optional: true,
    min: 0,
    max: 86_400,
    example: 3_600,
    description: 'How long runs that began with the version before may go on with it. Default 86,400.',
  })
  keep_old_seconds?: number;
}

/** Writing takes the permission where the credential will count (platform.md 5.3, 8.4), and then a fresh login. */
export function demandsOfCreation(body: object): BodyDemands {
  const { workspace_id } = body as CreateCredentialBody;
  return { permissions: [{ permission: 'credential:write', scopeId: workspace_id ?? undefined }], stepUp: true };
}
