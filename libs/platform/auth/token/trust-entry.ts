import type { JWK } from 'jose';
import type { ClaimsChallenge, TokenFacts } from '#platform/context';
import type { RejectionReason } from './token-rejection.ts';

/** What the claims of a token with a good signature say. */
export interface TokenClaims {
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
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
  /** How the token names the organization it acts in; null when it names none. */
  readonly organization: string | null;
  readonly staff: boolean;
}

/** One issuer we trust. Entra, Auth0 and the local issuer differ here and nowhere else. */
export abstract class TrustEntry {
  abstract readonly provider: TokenFacts['provider'];
  abstract readonly algorithms: ReadonlySet<string>;
  /** Exact match, or an anchored template; decides alone which entry judges the token. */
  abstract trusts(issuer: string): boolean;
  /** The entry's key with this id, or undefined. May throw UnavailableError when no key could ever be had. */
  abstract key(keyId: string): Promise<JWK | undefined>;
  /** Checks the claims in the order of the entry's table. `now` in seconds. */
  abstract claims(payload: Readonly<Record<string, unknown>>, now: number): TokenClaims | RejectionReason;
}

/** A verified token: what everybody may know of it, and what revocation and the tenant gate need. */
export interface VerifiedToken {
  readonly facts: TokenFacts;
  readonly organization: string | null;
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
  payload: Readonly<Record<string, unknown>>,
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
