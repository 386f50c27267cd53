import { HttpException, HttpStatus } from '@nestjs/common';
import { DomainError, type FieldError } from '#kernel';
import { redact } from '#platform/audit';
import { titleOf } from './error-catalogue.ts';

/** RFC 9457 problem document, members as in platform.md 8.0. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  instance: string;
  request_id: string;
  errors?: FieldError[];
  hint?: string;
  [member: string]: unknown;
}

export const PROBLEM_TYPE = 'application/problem+json';

export function problemOf(error: DomainError, requestId: string): ProblemDocument {
  const { options, code, status } = error;
  // Names that callers choose come back in pointers and details (platform.md 7.5).
  return redact({
    type: `urn:alphaswarm:error:${code}`,
    title: titleOf(code),
    status,
    code,
    detail: options.detail ?? titleOf(code),
    instance: `urn:uuid:${requestId}`,
    request_id: requestId,
    ...(options.errors && (status === 400 || status === 422) ? { errors: options.errors } : {}),
    ...(options.hint === undefined ? {} : { hint: options.hint }),
    ...options.members,
  }) as unknown as ProblemDocument;
}

/** Codes of the refusals that the framework itself throws. */
const FRAMEWORK_CODES: Readonly<Record<number, string>> = {
  400: 'malformed_request',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  422: 'validation_failed',
  429: 'rate_limited',
};

/**
 * SQLSTATEs of a database that is there but has no time or room for us (postgresql.org/docs/18/errcodes-appendix.html).
 */
const BUSY_STATES: ReadonlySet<string> = new Set(['57014', '55P03', '40001', '40P01', '53300', '53400', '25P03']);
const LOST_CONNECTION = /^(08|57P0)/;
const SOCKET_ERRORS: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND']);

/** The refusal behind whatever was thrown, in public words. What nobody foresaw is 500 `internal_error`. */
export function refusalOf(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown;
  if (thrown instanceof URIError) return malformed(thrown);
  if (thrown instanceof HttpException) {
    const status = thrown.getStatus();
    const code = FRAMEWORK_CODES[status];
    if (code)
      return new DomainError(status, code, {
        detail: status === HttpStatus.NOT_FOUND ? 'There is no such resource.' : thrown.message,
        cause: thrown,
      });
  }
  const state = sqlState(thrown);
  if (state !== undefined && BUSY_STATES.has(state)) {
    return new DomainError(503, 'timeout', {
      detail: 'The database did not answer in time.',
      headers: { 'Retry-After': '2' },
      cause: thrown,
    });
  }
  if (state !== undefined && (LOST_CONNECTION.test(state) || SOCKET_ERRORS.has(state))) {
    return new DomainError(503, 'dependency_unavailable', {
      detail: 'The database does not answer.',
      headers: { 'Retry-After': '2' },
      cause: thrown,
    });
  }
  return new DomainError(500, 'internal_error', { detail: 'Something went wrong on our side.', cause: thrown });
}

function malformed(cause: unknown): DomainError {
  return new DomainError(400, 'malformed_request', {
    detail: 'The request target is not valid percent-encoded UTF-8.',
    cause,
  });
}

function sqlState(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
