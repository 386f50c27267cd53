import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError } from '#kernel';
import { ProblemFilter } from './errors/problem.filter.ts';
import type { RoutedRequest } from './exchange.ts';

/** The requests that are being answered. */
@Injectable()
export class OpenRequests {
  readonly #open = new Map<Response, RoutedRequest>();

  constructor(private readonly problems: ProblemFilter) {}

  add(request: RoutedRequest, response: Response): void {
    this.#open.set(response, request);
  }

  remove(response: Response): void {
    this.#open.delete(response);
  }

  /** 503 for all that have no answer yet, before a process that cannot go on ends; what is half sent is broken off. */
  giveUp(): void {
    for (const [response, request] of this.#open) {
      if (response.headersSent) response.destroy();
      else
        this.refuse(
          request,
          response,
          new DomainError(503, 'shutting_down', {
            detail: 'The service has to stop. Try again.',
            headers: { 'Retry-After': '2' },
          }),
        );
    }
  }

  /** Answers instead of the handler: nothing may be committed for the caller any more. */
  refuse(request: RoutedRequest, response: Response, error: DomainError): void {
    request.givenUp = true;
    response.setHeader('Connection', 'close');
    // Node tells nobody who still reads the body that the connection has ended, once the answer is out.
    response.once('close', () => request.destroy());
    this.problems.answer(error, request, response);
  }
}
