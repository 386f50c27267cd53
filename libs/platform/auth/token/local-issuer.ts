import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type CryptoKey, type JWK, SignJWT, calculateJwkThumbprint, importJWK } from 'jose';
import { Clock, newId } from '#kernel';
import { EnvironmentConfig } from '#platform/config';
import { secretFile } from '#platform/host';
import type { RejectionReason } from './token-rejection.ts';
import { type TokenClaims, TrustEntry, tokenTimes } from './trust-entry.ts';

export const LOCAL_ISSUER = 'https://local.alphaswarm.invalid/';
export const LOCAL_AUDIENCE = 'https://api.alphaswarm.invalid/';

/** What a local token shall say. Times in seconds. */
export interface LocalTokenRequest {
  readonly user: string;
  readonly organization: string;
  readonly scope: string;
  readonly ttlSeconds: number;
  readonly acr?: string;
  /** Default: now when `acr` is given, else absent. */
  readonly authTime?: number;
  readonly audience?: string;
}

/**
 * Issuer for development and tests, in the process: its tokens go through the same pipeline as those of any other
 * (platform.md 3.10).
 */
@Injectable()
export class LocalIssuer extends TrustEntry implements OnModuleInit {
  readonly provider = 'local';
  readonly algorithms: ReadonlySet<string> = new Set(['RS256']);
  readonly #file: string;
  #signing: { kid: string; key: CryptoKey | Uint8Array; publicJwk: JWK } | undefined;

  constructor(
    environment: EnvironmentConfig,
    private readonly clock: Clock,
  ) {
    super();
    this.#file = join(environment.dataDir, 'local-issuer.json');
  }

  /** Reads the key of this installation, or makes it on the first start. */
  async onModuleInit(): Promise<void> {
    const jwk = JSON.parse(secretFile(this.#file, newKey)) as JWK;
    const kid = await calculateJwkThumbprint(jwk);
    const { n, e, kty } = jwk;
    this.#signing = {
      kid,
      key: await importJWK(jwk, 'RS256'),
      publicJwk: { n, e, kty, kid, alg: 'RS256', use: 'sig' },
    };
  }

  trusts(issuer: string): boolean {
    return issuer === LOCAL_ISSUER;
  }

  async key(keyId: string): Promise<JWK | undefined> {
    const { kid, publicJwk } = this.#ready();
    return keyId === kid ? publicJwk : undefined;
  }

  claims(payload: Readonly<Record<string, unknown>>, now: number): TokenClaims | RejectionReason {
    return localClaims(payload, now);
  }

  async mint(request: LocalTokenRequest): Promise<string> {
    const { kid, key } = this.#ready();
    const now = Math.floor(this.clock.now() / 1000);
    const authTime = request.authTime ?? (request.acr === undefined ? undefined : now);
    return new SignJWT({
      scp: request.scope,
      org: request.organization,
      ...(request.acr === undefined ? {} : { acr: request.acr }),
      ...(authTime === undefined ? {} : { auth_time: authTime }),
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid })
      .setIssuer(LOCAL_ISSUER)
      .setAudience(request.audience ?? LOCAL_AUDIENCE)
      .setSubject(request.user)
      .setIssuedAt(now)
      .setExpirationTime(now + request.ttlSeconds)
      .setJti(newId(this.clock))
      .sign(key);
  }

  #ready(): { kid: string; key: CryptoKey | Uint8Array; publicJwk: JWK } {
    if (!this.#signing) throw new Error('The local issuer has not been initialised.');
    return this.#signing;
  }
}

/** Claims of a local token; `now` in seconds. */
export function localClaims(payload: Readonly<Record<string, unknown>>, now: number): TokenClaims | RejectionReason {
  if (payload.aud !== LOCAL_AUDIENCE) return 'audience';
  const times = tokenTimes(payload, now, false);
  if (typeof times === 'string') return times;
  const { sub, scp, acr, org, jti } = payload;
  if (typeof sub !== 'string' || sub === '') return 'subject';
  if (typeof scp !== 'string') return 'no_permissions';
  return {
    ...times,
    subject: sub,
    scopes: new Set(scp.split(' ').filter(Boolean)),
    acr: acr === 'high' ? acr : null,
    authTime: payload.auth_time,
    claimsChallenge: null,
    tokenId: typeof jti === 'string' ? jti : null,
    organization: typeof org === 'string' ? org : null,
    tenant: null,
    staff: true,
  };
}

function newKey(): string {
  return JSON.stringify(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }));
}
