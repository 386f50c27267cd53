import type { LocalIssuer } from '../token/local-issuer.ts';
import type { Role } from '../roles.ts';
import type { TestTenant } from './tenants.ts';

export interface TestTokenOptions {
  /** Scopes separated by spaces; default `admin:org`. */
  scope?: string;
  acr?: string;
  /** Seconds. */
  authTime?: number;
  ttlSeconds?: number;
}

/** Tokens for people of a TestTenant. Unlike `POST /auth/dev/token` minting changes no role. */
export class TestTokens {
  readonly #issuer: LocalIssuer;

  constructor(issuer: LocalIssuer) {
    this.#issuer = issuer;
  }

  of(tenant: TestTenant, role: Role, options: TestTokenOptions = {}): Promise<string> {
    return this.named(tenant.people[role].user, tenant.slug, options);
  }

  named(
    user: string,
    organization: string,
    { scope = 'admin:org', ttlSeconds = 3_600, acr, authTime }: TestTokenOptions = {},
  ): Promise<string> {
    return this.#issuer.mint({ user, organization, scope, ttlSeconds, acr, authTime });
  }
}
