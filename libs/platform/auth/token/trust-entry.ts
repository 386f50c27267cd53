import type { KeyObject } from 'node:crypto';
import type { ClaimsChallenge, TokenFacts } from '#platform/context';
import type { RejectionReason } from './token-rejection.ts';

/** Claims as they were written. */
export type Payload = Readonly<Record<string, unknown>>;

/** How a token names the organization it acts in. */
export interface OrganizationName {
  readonly by: 'slug' | 'auth0_org_id';
  readonly value: string;
}

/** A key of an entry; `algorithm` and `use` as the issuer declares them, where it does. */
export interface TrustedKey {
  readonly id: string;
  readonly key: KeyObject;
  readonly algorithm?: unknown;
  readonly use?: unknown;
}

/** What the claims of a token with a good signature say. */
export interface TokenClaims {
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
  /** Client id of a token that stands for no person; null of all others. */
  readonly client: string | null;
  /** The level by this entry's rule (platform.md 4.2). */
  readonly acr: 'high' | null;
  readonly authTime: unknown;
  /** Of a token whose client understands another challenge than RFC 9470's. */
  readonly claimsChallenge: ClaimsChallenge | null;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** `jti` or `uti`. */
  readonly tokenId: string | null;
  /** Directory tenant (Entra `tid`), for tenant not-before. */
  readonly tenant: string | null;
  /** Null when it names none. */
  readonly organization: OrganizationName | null;
  readonly staff: TokenFacts['staff'];
}

/** One issuer we trust. Entra, Auth0 and the local issuer differ here and nowhere else. */
export abstract class TrustEntry {
  abstract readonly provider: TokenFacts['provider'];
  abstract readonly algorithms: ReadonlySet<string>;
  /** Exact match, or an anchored template; decides alone which entry judges the token. */
  abstract trusts(issuer: string): boolean;
  /** The entry's key with this id for tokens of `issuer`, or undefined. UnavailableError when no key can be had. */
  abstract key(keyId: string, issuer: string): Promise<TrustedKey | undefined>;
  /** Whether a key that it gave still counts. */
  abstract holds(key: TrustedKey): boolean;
  /** Checks the claims in the order of the entry's table. `now` in seconds. */
  abstract claims(payload: Payload, now: number): TokenClaims | RejectionReason;
}

/** A verified token: what everybody may know of it, and what revocation and the tenant gate need. */
export interface VerifiedToken {
  readonly facts: TokenFacts;
  readonly client: string | null;
  readonly organization: OrganizationName | null;
  readonly tenant: string | null;
  readonly tokenId: string | null;
}

const SKEW_SECONDS = 60;
const MAX_LIFETIME_SECONDS = 86_400;

/**
 * `exp`, `nbf` and `iat` with 60 s of skew; a claim that is no integer counts as failed. Returns the times or the
 * reason.
 */
export function tokenTimes(
  payload: Payload,
  now: number,
  nbfRequired: boolean,
): { issuedAt: number; expiresAt: number } | RejectionReason {
  const { exp, nbf, iat } = payload;
  if (!isInteger(exp) || exp <= now - SKEW_SECONDS) return 'expired';
  if ((nbfRequired || nbf !== undefined) && (!isInteger(nbf) || nbf > now + SKEW_SECONDS)) return 'not_yet_valid';
  if (!isInteger(iat) || iat > now + SKEW_SECONDS) return 'not_yet_valid';
  return exp - iat > MAX_LIFETIME_SECONDS ? 'lifetime' : { issuedAt: iat, expiresAt: exp };
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
