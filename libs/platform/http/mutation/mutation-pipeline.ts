import { Injectable, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError, UnavailableError } from '#kernel';
import { type KeyClaim, WorkloadRuntime, type WorkloadIntent, type WorkloadRun } from '#platform/audit';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { inSpan } from '#platform/spans';
import { refusalOf } from '../errors/problem.ts';
import type { Exchange, Mutations, RoutedRequest } from '../exchange.ts';
import type { AuditedRoute } from './audited-route.ts';
import { HaltState } from './halt-state.ts';
import { Idempotency, keyInProgress } from './idempotency.ts';

/**
 * The last steps of a mutation, in the order of ARCHITECTURE 5: idempotency, halt, audit intent, handler and outcome in
 * one transaction.
 */
@Injectable()
export class MutationPipeline implements Mutations {
  readonly #logger = new Logger('mutation');

  constructor(
    private readonly tx: TenantTransaction,
    private readonly idempotency: Idempotency,
    private readonly halt: HaltState,
    private readonly workloads: WorkloadRuntime,
  ) {}

  async run(route: AuditedRoute, { request, response }: Exchange, handler: () => Promise<unknown>): Promise<unknown> {
    const { context } = request;
    if (!context) throw new Error(`${route.action} has no authenticated context: the route is @Public.`);
    const claim = this.idempotency.claimOf(request, route.secretBody);
    const halted = route.starts ? await inSpan('halt.check', () => this.#halted(context)) : undefined;
    const run = halted ? null : await this.#begin(route, request, context, claim);
    // A replay is answered even while a halt is engaged.
    if (!run) return this.#replay(claim, context, response, halted);
    try {
      // What fails before the transaction is a failed outcome, too.
      const work = route.prepares ? ((await handler()) as () => Promise<unknown>) : handler;
      return await this.#act(run, { request, response }, claim, work);
    } catch (error) {
      await this.#recordFailure(run, error);
      if (claim) await this.#release(claim, context);
      throw error;
    }
  }

  /** A POST that records nothing: only the key is looked after. */
  async runUnaudited({ request, response }: Exchange, handler: () => Promise<unknown>): Promise<unknown> {
    const { context } = request;
    if (!context) return handler();
    const claim = this.idempotency.claimOf(request);
    if (!claim) return handler();
    if (!(await this.idempotency.take(claim, context))) return this.#replay(claim, context, response);
    try {
      const result = await handler();
      if (response.statusCode < 300) await this.tx.run(context, () => this.idempotency.store(claim, response, result));
      else await this.#release(claim, context);
      return result;
    } catch (error) {
      await this.#release(claim, context);
      throw error;
    }
  }

  /** Why nothing may start. */
  async #halted(context: RequestContext): Promise<DomainError | undefined> {
    const verdict = await this.halt.read(context);
    if (verdict === 'engaged')
      return new DomainError(423, 'kill_switch_engaged', {
        detail: 'A halt is engaged: nothing starts until it is released.',
      });
    return verdict === 'unknown'
      ? new UnavailableError('kill_switch_unknown', 'The state of the halt cannot be read, so nothing starts.')
      : undefined;
  }

  /** Commits the intent, and with it the claim on the key. Null when the key is taken. */
  async #begin(
    route: AuditedRoute,
    request: RoutedRequest,
    context: RequestContext,
    claim: KeyClaim | undefined,
  ): Promise<WorkloadRun | null> {
    const intent = { action: route.action, ...targetOf(route, request, context), payload: payloadOf(route, request) };
    if (!claim) return this.workloads.begin(context, intent);
    try {
      return await this.workloads.beginClaimed(context, intent, claim);
    } catch (error) {
      // The answer to the commit may have been lost, not the commit.
      await this.#release(claim, context);
      throw error;
    }
  }

  async #replay(
    claim: KeyClaim | undefined,
    context: RequestContext,
    response: Response,
    otherwise?: DomainError,
  ): Promise<unknown> {
    const stored = claim && (await this.idempotency.answered(claim, context));
    if (stored) return this.idempotency.replay(stored, response);
    // Without another reason the key was taken and is free again: its owner failed meanwhile, and the caller may try
    // again.
    throw otherwise ?? keyInProgress('The first request with this key has just ended.');
  }

  async #act(
    run: WorkloadRun,
    { request, response }: Exchange,
    claim: KeyClaim | undefined,
    handler: () => Promise<unknown>,
  ): Promise<unknown> {
    return this.tx.run(
      run.context,
      async () => {
        const result = await handler();
        if (request.givenUp) throw new DomainError(503, 'timeout', { detail: 'The request took too long.' });
        return result;
      },
      (result) => [
        ...(claim && response.statusCode < 300 ? [this.idempotency.store(claim, response, result)] : []),
        this.workloads.finish(run, { status: 'succeeded', result: outcomeResult(result) }),
      ],
    );
  }

  /** After the rollback, in a transaction of its own (platform.md 7.3). */
  async #recordFailure(run: WorkloadRun, error: unknown): Promise<void> {
    try {
      await this.workloads.finishSeparately(run, { status: 'failed', errorCode: refusalOf(error).code });
    } catch (cause) {
      // The caller gets the first error; the run stays pending until the reconciler sets it unknown.
      this.#logger.error({ msg: 'outcome not recorded', error: cause });
    }
  }

  async #release(claim: KeyClaim, context: RequestContext): Promise<void> {
    try {
      await this.idempotency.release(claim, context);
    } catch (cause) {
      this.#logger.warn({ msg: 'idempotency key not released; it is free again after 60 s', error: cause });
    }
  }
}

function targetOf(
  route: AuditedRoute,
  request: RoutedRequest,
  context: RequestContext,
): Pick<WorkloadIntent, 'targetKind' | 'targetId'> {
  const { target } = route;
  const named = target?.param === undefined ? undefined : request.params[target.param];
  if (target && typeof named === 'string') return { targetKind: target.kind, targetId: named };
  if (request.resource) return { targetKind: request.resource.kind, targetId: request.resource.id };
  if (context.workspaceId !== null) return { targetKind: 'workspace', targetId: context.workspaceId };
  return context.orgId === null ? { targetKind: null, targetId: null } : { targetKind: 'org', targetId: context.orgId };
}

function payloadOf(route: AuditedRoute, request: RoutedRequest): unknown {
  const { content: read } = request;
  if (read?.spooled) return { bytes: read.spooled.bytes, sha256: read.spooled.sha256 };
  const value = read?.value ?? {};
  const body =
    read?.bars && isObject(value)
      ? { ...value, data: { ...asObject(value['data']), inline: read.bars.toJSON() } }
      : value;
  return route.payload ? route.payload(body) : body;
}

/** The ids of what was made, for the outcome. */
function outcomeResult(result: unknown): Record<string, unknown> | undefined {
  if (!isObject(result)) return undefined;
  const ids = Object.entries(result).filter(
    ([name, value]) => (name === 'id' || name === 'run_id' || name === 'task_id') && typeof value === 'string',
  );
  return ids.length === 0 ? undefined : Object.fromEntries(ids);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}
