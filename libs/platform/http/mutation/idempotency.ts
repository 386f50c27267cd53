import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError } from '#kernel';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { RoutedRequest } from '../exchange.ts';
import { fingerprint, idempotencyKeyOf } from './idempotency-key.ts';
import { type Claim, IdempotencyRepository, type StoredResponse } from './idempotency.repository.ts';

/** Answers a repeated POST with what the first one was answered (platform.md 8.0). */
@Injectable()
export class Idempotency {
  constructor(private readonly tx: TenantTransaction, private readonly keys: IdempotencyRepository) {}

  /** The claim on the key of this request, the stored response to replay, or undefined without a key. */
  async begin(request: RoutedRequest, context: RequestContext): Promise<{ claim: Claim } | { replay: StoredResponse } | undefined> {
    const key = idempotencyKeyOf(request);
    if (key === null) return undefined;
    const print = fingerprint(request.method, request.originalUrl, request.content?.fingerprintHex() ?? EMPTY_BODY);
    const result = await this.tx.runSeparately(context, () => this.keys.claim(context, key, print));
    if ('claim' in result) return result;
    if (result.fingerprint !== print) {
      throw new DomainError(422, 'idempotency_key_reused', { detail: 'This Idempotency-Key was used for another request. Use a new key.' });
    }
    if (result.response === null) {
      throw new DomainError(409, 'idempotency_in_progress', { detail: 'The first request with this key is still running.', headers: { 'Retry-After': '1' } });
    }
    return { replay: result.response };
  }

  /** Stores a 2xx answer in the current transaction. Throws 409 when the claim ran out: then nothing of this request may stay. */
  async store(claim: Claim, response: Response, result: unknown): Promise<void> {
    const kept = await this.keys.complete(claim, {
      status: response.statusCode,
      body: result === undefined ? null : JSON.stringify(result),
      location: headerText(response, 'location'),
      etag: headerText(response, 'etag'),
      contentType: headerText(response, 'content-type') ?? (result === undefined ? null : 'application/json; charset=utf-8'),
    });
    if (!kept) throw new DomainError(409, 'idempotency_in_progress', { detail: 'The request took so long that its key was given away.', headers: { 'Retry-After': '1' } });
  }

  /** Frees the key of a request that was not answered with 2xx. */
  async release(claim: Claim, context: RequestContext): Promise<void> {
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

function headerText(response: Response, name: string): string | null {
  const value = response.getHeader(name);
  return value === undefined ? null : String(value);
}
