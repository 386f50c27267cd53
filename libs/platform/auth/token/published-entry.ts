import type { TokenFacts } from '#platform/context';
import type { IssuerKeys } from '../keys/issuer-keys.ts';
import { isIssuer } from '../keys/issuer-template.ts';
import type { PublishedKey } from '../keys/published-keys.ts';
import type { RejectionReason } from './token-rejection.ts';
import { type Payload, type TokenClaims, TrustEntry, type TrustedKey } from './trust-entry.ts';

/** How an identity provider is trusted beside its keys. */
export interface EntryRules {
  readonly provider: TokenFacts['provider'];
  readonly algorithms: ReadonlySet<string>;
  /** Text or template of `iss`. */
  readonly issuer: string;
  readonly judge: (payload: Payload, now: number) => TokenClaims | RejectionReason;
}

/** An issuer that publishes its keys: Entra or Auth0 (platform.md 3.3, 3.4). */
export class PublishedEntry extends TrustEntry {
  readonly provider: TokenFacts['provider'];
  readonly algorithms: ReadonlySet<string>;
  readonly #rules: EntryRules;
  readonly #keys: Pick<IssuerKeys, 'find' | 'holds'>;

  constructor(rules: EntryRules, keys: Pick<IssuerKeys, 'find' | 'holds'>) {
    super();
    this.provider = rules.provider;
    this.algorithms = rules.algorithms;
    this.#rules = rules;
    this.#keys = keys;
  }

  trusts(issuer: string): boolean {
    return isIssuer(this.#rules.issuer, issuer);
  }

  key(keyId: string, issuer: string): Promise<PublishedKey | undefined> {
    return this.#keys.find(keyId, issuer);
  }

  holds(key: TrustedKey): boolean {
    return this.#keys.holds(key);
  }

  claims(payload: Payload, now: number): TokenClaims | RejectionReason {
    return this.#rules.judge(payload, now);
  }
}
