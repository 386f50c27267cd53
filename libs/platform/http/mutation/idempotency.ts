import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError, newId } from '#kernel';
import type { KeyClaim } from '#platform/audit';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { RoutedRequest } from '../exchange.ts';
import { SIGNING_KEY } from '../pagination/signing-key.ts';
import { fingerprint, idempotencyKeyOf } from './idempotency-key.ts';
import { ClaimLostError, IdempotencyRepository, type StoredResponse } from './idempotency.repository.ts';

/** Answers a repeated POST with what the first one was answered (platform.md 8.0). */
@Injectable()
export class Idempotency {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly keys: IdempotencyRepository,
    @Inject(SIGNING_KEY) private readonly signingKey: Uint8Array,
  ) {}

  /** What this request would claim its key with; undefined without a key. `keyed`: the body holds a secret. */
  claimOf(request: RoutedRequest, keyed = false): KeyClaim | undefined {
    const key = idempotencyKeyOf(request);
    if (key === null) return undefined;
    const body = request.content?.fingerprintHex() ?? EMPTY_BODY;
    const plain = fingerprint(request.method, request.originalUrl, body);
    return {
      id: newId(),
      key,
      fingerprint: keyed ? createHmac('sha256', this.signingKey).update(plain).digest('hex') : plain,
    };
  }

  /** Takes the key in a transaction of its own. False when it is taken already. */
  take(claim: KeyClaim, context: RequestContext): Promise<boolean> {
    return this.tx.runSeparately(context, () => this.keys.claim(context, claim));
  }

  /**
   * The response to replay; undefined when the key is free. 422 when it was another request's, 409 while the first one
   * runs.
   */
  async answered(claim: KeyClaim, context: RequestContext): Promise<StoredResponse | undefined> {
    const holder = await this.tx.read(context, () => this.keys.holder(context, claim.key));
    if (holder && holder.fingerprint !== claim.fingerprint) {
      throw new DomainError(422, 'idempotency_key_reused', {
        detail: 'This Idempotency-Key was used for another request. Use a new key.',
      });
    }
    if (holder?.response === null) throw keyInProgress('The first request with this key is still running.');
    return holder?.response;
  }

  /**
   * Sends a 2xx answer to be stored in the current transaction. Rejects with 409 when the claim ran out: then nothing
   * of this request may stay.
   */
  store(claim: KeyClaim, response: Response, result: unknown): Promise<void> {
    return this.keys
      .complete(claim, {
        status: response.statusCode,
        body: result === undefined ? null : JSON.stringify(result),
        location: headerText(response, 'location'),
        etag: headerText(response, 'etag'),
        contentType:
          headerText(response, 'content-type') ?? (result === undefined ? null : 'application/json; charset=utf-8'),
      })
      .catch((error: unknown) => {
        throw error instanceof ClaimLostError
          ? keyInProgress('The request took so long that its key was given away.')
          : error;
      });
  }

  /** Frees the key of a request that was not answered with 2xx. */
  async release(claim: KeyClaim, context: RequestContext): Promise<void> {
    await this.tx.runSeparately(context, () => this.keys.release(claim));
  }

  /** Puts a stored answer on the response; returns the value for Nest to send. */
  replay(stored: StoredResponse, response: Response): unknown {
    response.status(stored.status).setHeader('Idempotent-Replayed', 'true');
    if (stored.location !== null) response.setHeader('Location', stored.location);
    if (stored.etag !== null) response.setHeader('ETag', stored.etag);
    if (stored.contentType !== null) response.setHeader('Content-Type', stored.contentType);
    return stored.body === null ? undefined : JSON.parse(stored.body);
  }
}

/** SHA-256 of nothing. */
const EMPTY_BODY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export function keyInProgress(detail: string): DomainError {
  return new DomainError(409, 'idempotency_in_progress', { detail, headers: { 'Retry-After': '1' } });
}

function headerText(response: Response, name: string): string | null {
  const value = response.getHeader(name);
  return value === undefined ? null : String(value);
}
