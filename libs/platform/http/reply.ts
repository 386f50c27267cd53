import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError } from '#kernel';
import type { RoutedRequest } from './exchange.ts';
import type { SentHeader } from './headers/sent-headers.ts';

/** Status and headers of the answer. What is set here is stored with the answer and comes back when it is replayed. */
export class ReplyHeaders {
  readonly #response: Response;

  constructor(response: Response) {
    this.#response = response;
  }

  status(status: number): this {
    this.#response.status(status);
    return this;
  }

  location(path: string): this {
    this.#response.setHeader('Location', path);
    return this;
  }

  etag(version: number | string): this {
    this.#response.setHeader('ETag', `"${version}"`);
    return this;
  }

  header(name: SentHeader, value: string): this {
    this.#response.setHeader(name, value);
    return this;
  }
}

export type Reply = ReplyHeaders;
export const Reply = createParamDecorator(
  (_: unknown, execution: ExecutionContext) => new ReplyHeaders(execution.switchToHttp().getResponse<Response>()),
);

/** The `If-Match` of a request, RFC 9110 13.1.1 with strong comparison. */
export class Precondition {
  readonly #tags: readonly string[] | null;

  constructor(header: string | undefined) {
    this.#tags = header === undefined ? null : header.split(',').map((tag) => tag.trim());
  }

  /** Throws 412 `version_mismatch` unless the header is absent, `*`, or names `version`. */
  check(version: number | string): void {
    if (this.#tags === null || this.#tags.includes('*') || this.#tags.includes(`"${version}"`)) return;
    throw new DomainError(412, 'version_mismatch', {
      detail: 'The resource has changed since it was read. Read it again and repeat the change.',
    });
  }
}

const IF_MATCH = Symbol('if-match');
const param = createParamDecorator(
  (_: unknown, execution: ExecutionContext) =>
    new Precondition(execution.switchToHttp().getRequest<RoutedRequest>().get('if-match')),
);

/** Injects the precondition; with `required` a request without `If-Match` is 428 before its values are looked at. */
export function IfMatch(options: { required?: boolean } = {}): ParameterDecorator {
  return (target, property, index) => {
    param()(target, property, index);
    if (property !== undefined)
      Reflect.defineMetadata(IF_MATCH, options.required ? 'required' : 'optional', target, property);
  };
}

/** How the handler named `property` treats `If-Match`; undefined when it does not look at it. */
export function ifMatchOf(prototype: object, property: string): 'required' | 'optional' | undefined {
  return Reflect.getMetadata(IF_MATCH, prototype, property) as 'required' | 'optional' | undefined;
}
