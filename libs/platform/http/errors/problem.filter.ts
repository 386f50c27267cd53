import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable, Logger, NotFoundException } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError, NotFoundError } from '#kernel';
import type { RoutedRequest } from '../exchange.ts';
import { RouteTable } from '../route-table.ts';
import { PROBLEM_TYPE, problemOf, refusalOf } from './problem.ts';

/** Every refusal leaves as a problem document; the log gets the private words. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger('http');

  constructor(private readonly routes: RouteTable) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<RoutedRequest>(), http.getResponse<Response>());
  }

  answer(thrown: unknown, request: RoutedRequest, response: Response): void {
    // The caller has its 503 already, or is gone.
    if (request.givenUp && response.headersSent) return;
    if (request.destroyed && !request.complete) return;
    const refusal = thrown instanceof NotFoundException ? this.#unrouted(request) : refusalOf(thrown);
    this.#report(refusal);
    if (response.headersSent) {
      // The status is out already: an aborted connection is the only way left to say that the body is not whole.
      response.destroy();
      return;
    }
    request.withdraw?.();
    for (const name of ['Location', 'ETag', 'Content-Disposition', 'Content-Encoding']) response.removeHeader(name);
    response.statusCode = refusal.status;
    const headers = { 'Content-Type': PROBLEM_TYPE, 'Cache-Control': 'no-store', ...refusal.options.headers };
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    // Node discards an unread body by itself, but not one that somebody began to read: the connection would never be
    // free again.
    if (!request.complete) request.resume();
    response.end(JSON.stringify(problemOf(refusal, request.requestId)));
  }

  /** What the framework found no route for (platform.md 8.9). Our own 404 is NotFoundError. */
  #unrouted(request: RoutedRequest): DomainError {
    if (/^\/manage(\/|$)/.test(request.path)) {
      return new DomainError(404, 'wrong_service', {
        detail: 'This route is not served here.',
        hint: 'The control plane alphaswarm-cp serves /manage/*.',
      });
    }
    const allowed = this.routes.allowed(request.path);
    if (allowed.length === 0) return new NotFoundError();
    return new DomainError(405, 'method_not_allowed', {
      detail: `Allowed here: ${allowed.join(', ')}.`,
      headers: { Allow: allowed.join(', ') },
    });
  }

  #report(refusal: DomainError): void {
    if (refusal.status === 500) this.#logger.error({ msg: 'request failed', error: refusal.options.cause });
    else if (refusal.severity !== 'info' || refusal.status === 503)
      this.#logger.warn({ msg: 'request refused', code: refusal.code, error: refusal.options.cause });
  }
}
