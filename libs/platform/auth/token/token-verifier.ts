import { Injectable } from '@nestjs/common';
import { type CryptoKey, type JWK, compactVerify, errors, importJWK } from 'jose';
import { LRUCache } from 'lru-cache';
import { Clock, sha256Hex } from '#kernel';
import type { TokenFacts } from '#platform/context';
import { type CompactToken, readCompactToken } from './compact-token.ts';
import { TokenRejectedError } from './token-rejection.ts';
import type { TokenClaims, TrustEntry, VerifiedToken } from './trust-entry.ts';

const CACHE_SIZE = 10_000;
const CACHE_MS = 60_000;

/**
 * Steps 1 to 5 of platform.md 3.2: shape, header, issuer, key, signature, claims. The issuer named by the unverified
 * `iss` judges alone; no step is retried with another one. Revocation and the tenant gate follow in the Authenticator.
 */
@Injectable()
export class TokenVerifier {
  /** By the hash of the token, never the token. */
  readonly #verified = new LRUCache<string, { token: VerifiedToken; until: number }>({ max: CACHE_SIZE });
  readonly #keys = new WeakMap<JWK, Promise<CryptoKey | Uint8Array>>();

  constructor(
    private readonly entries: readonly TrustEntry[],
    private readonly clock: Clock,
  ) {}

  /** Throws TokenRejectedError (401), or UnavailableError when the issuer's keys cannot be had. */
  async verify(token: string): Promise<VerifiedToken> {
    const hash = sha256Hex(token);
    const now = this.clock.now();
    const cached = this.#verified.get(hash);
    if (cached && cached.until > now) return cached.token;
    const verified = await this.#verify(token);
    const until = Math.min(verified.facts.expiresAt * 1000, now + CACHE_MS);
    if (until > now) this.#verified.set(hash, { token: verified, until });
    return verified;
  }

  async #verify(token: string): Promise<VerifiedToken> {
    const compact = readCompactToken(token);
    const entry = this.entries.find((candidate) => candidate.trusts(compact.issuer));
    if (!entry) throw new TokenRejectedError('untrusted_issuer');
    const { provider } = entry;
    if (!entry.algorithms.has(compact.algorithm)) throw new TokenRejectedError('alg', provider);
    await this.#checkSignature(token, compact, entry);
    const claims = entry.claims(compact.payload, Math.floor(this.clock.now() / 1000));
    if (typeof claims === 'string') throw new TokenRejectedError(claims, provider);
    return verifiedToken(provider, compact.issuer, claims);
  }

  async #checkSignature(token: string, { keyId, algorithm }: CompactToken, entry: TrustEntry): Promise<void> {
    const jwk = await entry.key(keyId);
    if (!jwk) throw new TokenRejectedError('unknown_key', entry.provider);
    if (!fits(jwk, algorithm)) throw new TokenRejectedError('key_mismatch', entry.provider);
    let key = this.#keys.get(jwk);
    if (!key) {
      key = importJWK(jwk, algorithm);
      this.#keys.set(jwk, key);
    }
    try {
      await compactVerify(token, await key, { algorithms: [algorithm] });
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError)
        throw new TokenRejectedError('signature', entry.provider, error);
      throw error;
    }
  }
}

/** What is kept of claims that were judged: an `auth_time` that is no integer is none. */
export function verifiedToken(provider: TokenFacts['provider'], issuer: string, claims: TokenClaims): VerifiedToken {
  const { authTime, tokenId, organization, tenant, ...stated } = claims;
  return {
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

const MIN_RSA_BYTES = 256;

/** Does the key's type, size and declared use fit the algorithm? */
function fits(jwk: JWK, algorithm: string): boolean {
  if (jwk.alg !== undefined && jwk.alg !== algorithm) return false;
  if (jwk.use !== undefined && jwk.use !== 'sig') return false;
  if (algorithm === 'ES256') return jwk.kty === 'EC' && jwk.crv === 'P-256';
  return jwk.kty === 'RSA' && typeof jwk.n === 'string' && Buffer.from(jwk.n, 'base64url').length >= MIN_RSA_BYTES;
}
