import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '#kernel';
import { SecurityLog } from '#platform/audit';
import type { Principal, RequestContext } from '#platform/context';
import { AccessMetrics } from './access-metrics.ts';
import { type RejectionReason, TokenRejectedError } from './token/token-rejection.ts';

/** Who was refused where. */
export interface RefusedRequest {
  readonly requestId: string;
  readonly ip: string | null;
  readonly principal: Principal | null;
  readonly orgId: string | null;
  readonly resource?: { readonly kind: string; readonly id: string };
}

/**
 * Reasons that anybody can provoke without ever having held a token of ours: log and metric, but no entry in the
 * ledger.
 */
const BEFORE_SIGNATURE: ReadonlySet<RejectionReason> = new Set([
  'shape',
  'header',
  'alg',
  'untrusted_issuer',
  'unknown_key',
  'key_mismatch',
  'signature',
]);

/**
 * Where the precise reason of a refusal goes: log, metric and security entries, never the caller
 * (platform.md 3.2, 7.1).
 */
@Injectable()
export class Refusals {
  readonly #logger = new Logger('Access');

  constructor(
    private readonly security: SecurityLog,
    private readonly metrics: AccessMetrics,
  ) {}

  /** Records 401 of a token, 403 and step-up; other errors are none of its business. Never throws. */
  async record(error: unknown, request: RefusedRequest): Promise<void> {
    if (error instanceof TokenRejectedError) await this.#rejected(error, request);
    else if (error instanceof DomainError && (error.status === 403 || error.code === 'step_up_required'))
      await this.#forbidden(error, request);
  }

  /** Runs what decides where the caller is known, at the door or behind it, and records its refusal. */
  async watch<T>(
    { requestId, sourceIp: ip, principal, orgId }: RequestContext,
    decide: () => Promise<T>,
    resource?: RefusedRequest['resource'],
  ): Promise<T> {
    try {
      return await decide();
    } catch (error) {
      await this.record(error, { requestId, ip, principal, orgId, resource });
      throw error;
    }
  }

  async #rejected({ reason, provider }: TokenRejectedError, { requestId, ip }: RefusedRequest): Promise<void> {
    this.metrics.rejected(provider, reason);
    this.#logger.warn({ msg: 'access token refused', reason, provider, request_id: requestId, source_ip: ip });
    if (BEFORE_SIGNATURE.has(reason)) return;
    await this.security.record({
      orgId: null,
      actor: 'anonymous',
      action: 'auth.rejected',
      reason,
      details: { provider },
    });
  }

  async #forbidden(
    { code, options }: DomainError,
    { requestId, principal, orgId, resource }: RefusedRequest,
  ): Promise<void> {
    const { required_permission: permission, step_up: stepUp } = options.members ?? {};
    this.#logger.log({
      msg: 'request refused',
      reason: code,
      permission,
      actor: principal?.actor,
      request_id: requestId,
    });
    await this.security.record({
      orgId,
      actor: principal?.actor ?? 'anonymous',
      action: code === 'step_up_required' ? 'auth.challenged' : 'auth.refused',
      reason: code,
      target: resource ? `${resource.kind}:${resource.id}` : null,
      details: {
        ...(permission === undefined ? {} : { required_permission: permission }),
        ...(stepUp === undefined ? {} : { step_up: stepUp }),
      },
    });
  }
}
