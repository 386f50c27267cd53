import { EnumField, IntegerField, TextField } from '#platform/http';
import { ROLES } from '#platform/auth';

export const DEV_ROLES = [...ROLES, 'superadmin'] as const;

/** What the token of the local issuer shall say. */
export class DevTokenBody {
  @TextField({
    max: 120,
    pattern: /^[A-Za-z0-9][A-Za-z0-9._@+-]*$/,
    optional: true,
    example: 'ann',
    description: 'Subject; the user is made when it is new. Default `local`.',
  })
  user = 'local';

  @EnumField(DEV_ROLES, {
    optional: true,
    example: 'owner',
    description: 'Role set on the organization; `superadmin` is an owner with `platform:admin`. Default `owner`.',
  })
  role: (typeof DEV_ROLES)[number] = 'owner';

  @TextField({
    min: 2,
    max: 80,
    pattern: /^[a-z0-9][a-z0-9-]{0,78}[a-z0-9]$/,
    optional: true,
    example: 'default',
    description: 'Slug of the organization; made when it is new. Default `default`.',
  })
  org = 'default';

  @TextField({
    max: 4_000,
    optional: true,
    example: 'strategy:view backtest:view',
    description: 'Scopes separated by spaces. Default `admin:org`, for superadmin `platform:admin`.',
  })
  scope?: string;

  @TextField({
    max: 64,
    optional: true,
    example: 'high',
    description: 'Authentication level; `high` satisfies step-up.',
  })
  acr?: string;

  @IntegerField({
    min: 0,
    optional: true,
    example: 1_767_323_045,
    description: 'When the person authenticated, in seconds. Default: now when `acr` is given.',
  })
  auth_time?: number;

  @IntegerField({
    min: 1,
    max: 86_400,
    optional: true,
    example: 3_600,
    description: 'Life of the token in seconds. Default 3600.',
  })
  ttl_seconds = 3_600;

  @TextField({
    max: 512,
    optional: true,
    example: 'https://api.alphaswarm.invalid/',
    description: 'Audience, for MCP servers. Default: this API.',
  })
  resource?: string;
}
