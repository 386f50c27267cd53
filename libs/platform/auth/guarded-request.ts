import type { ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { ContextualRequest } from '#platform/context';
import type { Identified } from './authenticator.ts';
import type { Access } from './decide.ts';
import type { Door } from './door.ts';
import type { OpenRates } from './request-rates.ts';

/** A door that asks who comes. */
export type ClosedDoor = Exclude<Door, { kind: 'public' }>;

/** Who stands at which door, and what he pays with. */
export interface Arrival {
  readonly door: ClosedDoor;
  readonly identified: Identified;
  readonly rates: OpenRates;
}

/** What the guards read from and leave on a request. */
export interface GuardedRequest extends Request, ContextualRequest {
  requestId: string;
  /** Left by AuthenticationGuard; null where the door is public. */
  arrival?: Arrival | null;
  /** The row that the path names; the default target of the audit entry. */
  resource?: { kind: string; id: string };
  /** Asks for what the valid body makes necessary beyond the door; set by the guards where the handler declares it. */
  demand?: (body: object) => Promise<void>;
  /** What the caller holds on that row's scope, or on the active one. */
  access?: Access;
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export function reads({ method }: GuardedRequest): boolean {
  return READS.has(method);
}

/** The door of a handler that needs a permission. */
export type PermissionDoor = Extract<Door, { kind: 'requires' }>;

/** A request past AuthenticationGuard. Throws where that guard did not run: nobody is let in by a missing guard. */
export function arrivalOf(request: GuardedRequest): Arrival | null {
  const { arrival } = request;
  if (arrival === undefined) throw new Error('AuthenticationGuard comes before every other guard of a door.');
  return arrival;
}

/** The request of an HTTP handler; undefined for another transport, whose doors are its own. */
export function httpRequest(execution: ExecutionContext): GuardedRequest | undefined {
  return execution.getType() === 'http' ? execution.switchToHttp().getRequest<GuardedRequest>() : undefined;
}
