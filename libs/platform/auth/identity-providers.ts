import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel';
import { type Auth0Config, AuthConfig, ConfigError, type EntraConfig } from '#platform/config';
import { Egress } from '#platform/egress';
import { AccessMetrics } from './access-metrics.ts';
import { IssuerKeys } from './keys/issuer-keys.ts';
import { auth0Claims } from './token/auth0-claims.ts';
import { entraClaims } from './token/entra-claims.ts';
import { PublishedEntry } from './token/published-entry.ts';

/** The identity providers that the configuration trusts: Entra, and Auth0 beside it (platform.md 3.3, 3.4). */
@Injectable()
export class IdentityProviders {
  readonly entries: readonly PublishedEntry[];
  readonly #primary: IssuerKeys | undefined;

  /** Throws ConfigError where Entra's tokens could be for anybody. */
  constructor(
    config: AuthConfig,
    private readonly egress: Egress,
    private readonly clock: Clock,
    private readonly metrics: AccessMetrics,
  ) {
    const { entra, auth0 } = config;
    if (entra?.audiences.length === 0)
      throw new ConfigError(['ALPHASWARM_AUTH_PROVIDER=entra needs ALPHASWARM_ENTRA_AUDIENCES']);
    this.#primary = entra ? this.#keys('entra', entra.issuer, entra) : undefined;
    this.entries = [
      ...(entra && this.#primary ? [entraEntry(entra, this.#primary)] : []),
      ...(auth0 ? [auth0Entry(auth0, this.#keys('auth0', auth0.issuer, auth0))] : []),
    ];
  }

  /** False where only the local issuer signs people in. */
  get trusted(): boolean {
    return this.#primary !== undefined;
  }

  /** Resolves when the primary provider's keys are there. Rejects with UnavailableError. */
  async ready(): Promise<void> {
    await this.#primary?.load();
  }

  #keys(provider: 'entra' | 'auth0', issuer: string, { metadataUrl }: { metadataUrl: string }): IssuerKeys {
    return new IssuerKeys({ provider, issuer, metadataUrl }, this.egress, this.clock, this.metrics);
  }
}

export function entraEntry(config: EntraConfig, keys: Pick<IssuerKeys, 'find' | 'holds'>): PublishedEntry {
  const judge: PublishedEntry['claims'] = (payload, now) => entraClaims(payload, now, config);
  return new PublishedEntry({ provider: 'entra', algorithms: config.algorithms, issuer: config.issuer, judge }, keys);
}

export function auth0Entry(config: Auth0Config, keys: Pick<IssuerKeys, 'find' | 'holds'>): PublishedEntry {
  const judge: PublishedEntry['claims'] = (payload, now) => auth0Claims(payload, now, config);
  return new PublishedEntry({ provider: 'auth0', algorithms: config.algorithms, issuer: config.issuer, judge }, keys);
}
