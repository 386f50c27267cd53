import { type JsonWebKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type CryptoKey, type JWK, SignJWT, calculateJwkThumbprint, importJWK } from 'jose';
import { Clock, newId } from '#kernel';
import { EnvironmentConfig } from '#platform/config';
import { secretFile } from '#platform/host';
import type { RejectionReason } from './token-rejection.ts';
import { type Payload, type TokenClaims, TrustEntry, type TrustedKey, tokenTimes } from './trust-entry.ts';

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
  #signing: { kid: string; key: CryptoKey | Uint8Array; trusted: TrustedKey } | undefined;

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
    this.#signing = {
      kid,
      key: await importJWK(jwk, 'RS256'),
      trusted: { id: kid, key: createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }), algorithm: 'RS256' },
    };
  }

  trusts(issuer: string): boolean {
    return issuer === LOCAL_ISSUER;
  }

  async key(keyId: string): Promise<TrustedKey | undefined> {
    const { kid, trusted } = this.#ready();
    return keyId === kid ? trusted : undefined;
  }

  holds(key: TrustedKey): boolean {
    return key === this.#ready().trusted;
  }

  claims(payload: Payload, now: number): TokenClaims | RejectionReason {
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

  #ready(): { kid: string; key: CryptoKey | Uint8Array; trusted: TrustedKey } {
    if (!this.#signing) throw new Error('The local issuer has not been initialised.');
    return this.#signing;
  }
}

/** Claims of a local token; `now` in seconds. */
export function localClaims(payload: Payload, now: number): TokenClaims | RejectionReason {
  if (payload.aud !== LOCAL_AUDIENCE) return 'audience';
  const times = tokenTimes(payload, now, false);
  if (typeof times === 'string') return times;
  const { sub, scp, acr, org, jti } = payload;
  if (typeof sub !== 'string' || sub === '') return 'subject';
  if (typeof scp !== 'string') return 'no_permissions';
  const scopes = new Set(scp.split(' ').filter(Boolean));
  return {
    ...times,
    subject: sub,
    scopes,
    client: null,
    acr: acr === 'high' ? acr : null,
    authTime: payload.auth_time,
    claimsChallenge: null,
    tokenId: typeof jti === 'string' ? jti : null,
    organization: typeof org === 'string' ? { by: 'slug', value: org } : null,
    tenant: null,
    staff: localStaff(scopes),
  };
}

/** Local tokens count as the staff's; their scopes say which column (platform.md 3.10). */
function localStaff(scopes: ReadonlySet<string>): TokenClaims['staff'] {
  if (scopes.has('platform:admin')) return 'superadmin';
  return scopes.has('admin:cluster') ? 'operator' : null;
}

function newKey(): string {
  return JSON.stringify(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }));
}
