import { AsyncLocalStorage } from 'node:async_hooks';
import type { Request, Response } from 'express';
import type { ContextualRequest } from '#platform/context';
import type { ReadBody } from './body/read-body.ts';
import type { AuditedRoute } from './mutation/audited-route.ts';

/** What our middleware and guards leave on the request. */
export interface RoutedRequest extends Request, ContextualRequest {
  requestId: string;
  /** The row that the path names; set by the access guard, the default target of the audit entry. */
  resource?: { kind: string; id: string };
  /** Asks for what the valid body makes necessary beyond the door; set by the guards where the handler declares it. */
  demand?: (body: object) => Promise<void>;
  /** Called `content`, because `read` is a method of every stream. */
  content?: ReadBody;
  /** The answer is never compressed; see negotiation/compressed-answers.ts. */
  uncompressed?: boolean;
  /** Takes back what of the answer has not left yet, so that another can take its place. */
  withdraw?: () => void;
  /** Asks the caller for the body that it holds back (`Expect: 100-continue`). */
  invite?: () => void;
  /** Name of the media type that is answered; see negotiation/media-types.ts. */
  format?: string;
  /**
   * Set when the caller has been answered 503 (`timeout`, `shutting_down`): nothing may be committed for it any more.
   */
  givenUp?: boolean;
}

/** One request and its response, reachable from a decorated handler. */
export interface Exchange {
  readonly request: RoutedRequest;
  readonly response: Response;
  /** Answers with the refusal behind what was thrown where no framework catches it. */
  readonly fail?: (thrown: unknown) => void;
  mutations?: Mutations;
}

/** How a handler that changes something runs: with audit, halt and idempotency; see mutation/mutation-pipeline.ts. */
export interface Mutations {
  run(route: AuditedRoute, exchange: Exchange, handler: () => Promise<unknown>): Promise<unknown>;
  runUnaudited(exchange: Exchange, handler: () => Promise<unknown>): Promise<unknown>;
}

const exchanges = new AsyncLocalStorage<Exchange>();

export function openExchange<T>(exchange: Exchange, work: () => T): T {
  return exchanges.run(exchange, work);
}

/** The exchange that is being answered. Undefined outside of a request (jobs, commands). */
export function currentExchange(): Exchange | undefined {
  return exchanges.getStore();
}
