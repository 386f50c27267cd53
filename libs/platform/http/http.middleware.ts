import { Injectable, NotFoundException } from '@nestjs/common';
import type { NextFunction, Response } from 'express';
import { DomainError, newId, parseUuid } from '#kernel';
import { HttpConfig } from '#platform/config';
import { RateLimits, rateLimited, sourceIp, trustedNetworks } from '#platform/rates';
import { BodyReader } from './body/body-reader.ts';
import { type BodyRule, bodyRuleOf } from './body/body-rules.ts';
import { hasBody } from './body/body-headers.ts';
import { ProblemFilter } from './errors/problem.filter.ts';
import { type RoutedRequest, openExchange } from './exchange.ts';
import { OpenRequests } from './open-requests.ts';
import { observeRequest } from './request-telemetry.ts';
import { RouteTable } from './route-table.ts';
import { ServiceState } from './service-state.ts';

/** What happens to a request before its route: identity of the request, time limit, syntax, rate of the address. */
@Injectable()
export class HttpMiddleware {
  readonly #trusted: ReturnType<typeof trustedNetworks>;

  constructor(
    private readonly config: HttpConfig,
    private readonly bodies: BodyReader,
    private readonly routes: RouteTable,
    private readonly rates: RateLimits,
    private readonly problems: ProblemFilter,
    private readonly state: ServiceState,
    private readonly open: OpenRequests,
  ) {
    this.#trusted = trustedNetworks(config.trustedProxies);
  }

  readonly identify = (request: RoutedRequest, response: Response, next: NextFunction): void => {
    request.requestId = parseUuid(request.get('x-request-id') ?? '') ?? newId();
    response.setHeader('X-Request-Id', request.requestId);
    const ip = sourceIp(request.socket.remoteAddress, request.get('x-forwarded-for'), this.#trusted) ?? undefined;
    Object.defineProperty(request, 'ip', { value: ip, configurable: true });
    this.#limitTime(request, response);
    if (this.state.failed) return this.open.giveUp();
    if (this.state.stopping) response.setHeader('Connection', 'close');
    const fail = (thrown: unknown): void => this.problems.answer(thrown, request, response);
    openExchange({ request, response, fail }, () => observeRequest(request, response, next));
  };

  readonly admit = (request: RoutedRequest, response: Response, next: NextFunction): void => {
    this.#admit(request).then(
      () => next(),
      (error: unknown) => this.problems.answer(error, request, response),
    );
  };

  async #admit(request: RoutedRequest): Promise<void> {
    checkTarget(request);
    if (hasBody(request)) {
      const rule = this.#ruleOf(request);
      // Who asks before it sends is asked for the body when it is known to be let in.
      if (request.invite) this.bodies.check(request, rule);
      else if (!rule.late) request.content = await this.bodies.read(request, rule);
      // Nest's @Body() reads this property.
      request.body = request.content?.value;
    }
    const decision = this.rates.take('ip', request.ip ?? 'unknown');
    if (!decision.allowed) throw rateLimited(decision);
    if (this.routes.refuses(request.method, request.path)) throw new NotFoundException();
  }

  #ruleOf(request: RoutedRequest): BodyRule {
    const route = this.routes.match(request.method, request.path);
    return bodyRuleOf(route?.handler ?? {});
  }

  #limitTime(request: RoutedRequest, response: Response): void {
    const timer = setTimeout(() => {
      if (response.headersSent) return;
      this.open.refuse(
        request,
        response,
        new DomainError(503, 'timeout', { detail: 'The request took too long.', headers: { 'Retry-After': '2' } }),
      );
    }, this.config.requestTimeoutMs);
    this.open.add(request, response);
    response.once('close', () => {
      clearTimeout(timer);
      this.open.remove(response);
    });
  }
}

/** 400 for a query parameter that comes twice and for a path that is no percent-encoded UTF-8. */
function checkTarget(request: RoutedRequest): void {
  const [path = '', ...query] = request.url.split('?');
  decodeURIComponent(path);
  const seen = new Set<string>();
  for (const name of new URLSearchParams(query.join('?')).keys()) {
    if (seen.has(name)) {
      throw new DomainError(400, 'malformed_request', {
        detail: 'A query parameter comes twice.',
        errors: [{ pointer: `query:${name}`, code: 'duplicate', message: 'must be given once' }],
      });
    }
    seen.add(name);
  }
}
