import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { match } from 'path-to-regexp';
import { DomainError, NotFoundError, newId, parseUuid } from '#kernel';
import { type AuthenticatedRequest, Authenticator, rateKeyOf, refuseCredentialInQuery } from '#platform/auth';
import { HttpConfig } from '#platform/config';
import type { RequestContext } from '#platform/context';
import { RateLimits, rateLimited, sourceIp, trustedNetworks } from '#platform/rates';
import { SocketPlaces } from './socket-places.ts';
import { SocketTickets } from './socket-tickets.ts';

/** A request for a socket, after its caller is known. */
export interface SocketRequest {
  readonly context: RequestContext;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

/** What a gateway says about a caller: throws 404, 403 or 400, and answers with what it will need for the socket. */
export type Admission<T> = (request: SocketRequest) => Promise<T>;

/** A socket that may be opened. */
export interface Admitted {
  readonly route: string;
  readonly path: string;
  readonly origin: string | null;
  readonly credential: AuthenticatedRequest;
  readonly request: SocketRequest;
  readonly facts: unknown;
  /** Gives the place back. */
  readonly release: () => void;
}

interface Route {
  readonly path: string;
  readonly matches: (path: string) => Readonly<Record<string, string>> | undefined;
  readonly admit: Admission<unknown>;
}

/**
 * Everything that is asked before an upgrade, in the order of an HTTP request, so that nothing is accepted and then
 * closed (platform.md 9.2).
 */
@Injectable()
export class SocketGate {
  readonly #routes: Route[] = [];
  readonly #trusted: ReturnType<typeof trustedNetworks>;

  constructor(
    config: HttpConfig,
    private readonly authenticator: Authenticator,
    private readonly rates: RateLimits,
    private readonly tickets: SocketTickets,
    private readonly places: SocketPlaces,
  ) {
    this.#trusted = trustedNetworks(config.trustedProxies);
  }

  /** A gateway declares its path (`/ws/progress/:task_id`) and who may enter. */
  route<T>(path: string, admit: Admission<T>): void {
    const matcher = match<Record<string, string>>(path);
    this.#routes.push({
      path,
      admit,
      matches: (asked) => {
        const found = matcher(asked);
        return found ? found.params : undefined;
      },
    });
  }

  async admit(incoming: IncomingMessage): Promise<Admitted> {
    const url = targetOf(incoming);
    const path = url.pathname;
    refuseRepeated(url.searchParams);
    const ip = sourceIp(incoming.socket.remoteAddress, headerOf(incoming, 'x-forwarded-for'), this.#trusted);
    this.#charge('ip', ip ?? 'unknown');
    const route = this.#routes.find((candidate) => candidate.matches(path));
    if (!route) throw new NotFoundError();
    refuseCredentialInQuery(incoming.url);
    const origin = headerOf(incoming, 'origin') ?? null;
    const credential = this.#credential(incoming, url, ip, origin);
    const context = await this.authenticator.authenticate(credential, ({ token }) =>
      this.#charge('principal', rateKeyOf(token.facts)),
    );
    const request: SocketRequest = { context, parameters: route.matches(path) ?? {}, query: url.searchParams };
    const facts = await route.admit(request);
    const release = this.places.take(context.principal.actor, context.orgId);
    return { route: route.path, path, origin, credential, request, facts, release };
  }

  /** Asks everything again for an open socket. Throws what the upgrade would have been refused with. */
  async readmit({ route, request }: Admitted, credential: AuthenticatedRequest): Promise<RequestContext> {
    const context = await this.authenticator.authenticate(credential);
    await this.#routes.find(({ path }) => path === route)?.admit({ ...request, context });
    return context;
  }

  /** A ticket decides alone when there is one. */
  #credential(incoming: IncomingMessage, url: URL, ip: string | null, origin: string | null): AuthenticatedRequest {
    const ticket = url.searchParams.get('ticket');
    if (ticket !== null) return this.tickets.redeem(ticket, url.pathname, origin);
    const requestId = parseUuid(headerOf(incoming, 'x-request-id') ?? '') ?? newId();
    return {
      url: incoming.url,
      method: 'GET',
      headers: incoming.headers,
      rawHeaders: incoming.rawHeaders,
      requestId,
      ip,
    };
  }

  #charge(bucket: 'ip' | 'principal', key: string): void {
    const decision = this.rates.take(bucket, key);
    if (!decision.allowed) throw rateLimited(decision);
  }
}

/** The target in origin or absolute form (RFC 9112 3.2). Throws 400 for what is neither. */
function targetOf({ url = '/' }: IncomingMessage): URL {
  const target = URL.parse(url.startsWith('/') ? `ws://socket${url}` : url);
  if (!target) throw new DomainError(400, 'malformed_request', { detail: 'The request target is not valid.' });
  return target;
}

function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function refuseRepeated(query: URLSearchParams): void {
  for (const name of new Set(query.keys())) {
    if (query.getAll(name).length > 1) {
      throw new DomainError(400, 'malformed_request', {
        detail: 'A query parameter comes twice.',
        errors: [{ pointer: `query:${name}`, code: 'duplicate', message: 'must be given once' }],
      });
    }
  }
}
