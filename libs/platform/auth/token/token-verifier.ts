import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock, sha256Hex } from '#kernel';
import type { TokenFacts } from '#platform/context';
import { readCompactToken } from './compact-token.ts';
import { TokenRejectedError } from './token-rejection.ts';
import { TokenStrategy } from './token-strategy.ts';
import type { TokenClaims, TrustEntry, TrustedKey, VerifiedToken } from './trust-entry.ts';

const CACHE_SIZE = 10_000;
const CACHE_MS = 60_000;

interface Verified {
  readonly token: VerifiedToken;
  readonly entry: TrustEntry;
  readonly key: TrustedKey;
  /** Milliseconds. */
  readonly until: number;
}

/**
 * Steps 1 to 5 of platform.md 3.2: shape, header, issuer, key, signature, claims. The issuer named by the unverified
 * `iss` judges alone; no step is retried with another one. Revocation and the tenant gate follow in the Authenticator.
 */
@Injectable()
export class TokenVerifier {
  /** By the hash of the token, never the token. */
  readonly #verified = new LRUCache<string, Verified>({ max: CACHE_SIZE });
  readonly #strategies: readonly TokenStrategy[];

  constructor(
    entries: readonly TrustEntry[],
    private readonly clock: Clock,
  ) {
    this.#strategies = entries.map((entry) => new TokenStrategy(entry, clock));
  }

  /** Throws TokenRejectedError (401), or UnavailableError when the issuer's keys cannot be had. */
  async verify(token: string): Promise<VerifiedToken> {
    const hash = sha256Hex(token);
    const cached = this.#verified.get(hash);
    // A key that its issuer publishes no more verified nothing (platform.md 3.5).
    if (cached && cached.until > this.clock.now() && cached.entry.holds(cached.key)) return cached.token;
    const verified = await this.#verify(token);
    if (verified.until > this.clock.now()) this.#verified.set(hash, verified);
    return verified.token;
  }

  async #verify(token: string): Promise<Verified> {
    const compact = readCompactToken(token);
    const strategy = this.#strategies.find(({ entry }) => entry.trusts(compact.issuer));
    if (!strategy) throw new TokenRejectedError('untrusted_issuer');
    const { entry } = strategy;
    if (!entry.algorithms.has(compact.algorithm)) throw new TokenRejectedError('alg', entry.provider);
    const { claims, key } = await strategy.judge({ token, compact });
    const until = Math.min(claims.expiresAt * 1000, this.clock.now() + CACHE_MS);
    return { token: verifiedToken(entry.provider, compact.issuer, claims), entry, key, until };
  }
}

/** What is kept of claims that were judged: an `auth_time` that is no integer is none. */
export function verifiedToken(provider: TokenFacts['provider'], issuer: string, claims: TokenClaims): VerifiedToken {
  const { authTime, tokenId, client, organization, tenant, ...stated } = claims;
  return {
    client,
    organization,
    tenant,
    tokenId,
    facts: {
      ...stated,
      provider,
      issuer,
      authTime: Number.isSafeInteger(authTime) ? (authTime as number) : null,
      idHash: tokenId === null ? null : sha256Hex(tokenId),
    },
  };
}
