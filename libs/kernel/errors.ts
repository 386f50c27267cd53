/** Where in a request something is wrong, and what would be accepted. */
export interface FieldError {
  /** JSON pointer into the body, or `query:<name>`, `path:<name>`, `header:<name>`. */
  pointer: string;
  code: string;
  message: string;
}

export interface DomainErrorOptions {
  /** Public sentence for the caller. Never internals. */
  detail?: string;
  /** With 400 and 422 only. */
  errors?: FieldError[];
  /** Public advice on what to do next. */
  hint?: string;
  /** Further public members of the problem document, such as `required_permission`. */
  members?: Record<string, unknown>;
  /** Response headers such as Retry-After; a list is one field per member. */
  headers?: Record<string, string | readonly string[]>;
  /** Private words for the log. */
  cause?: unknown;
}

/**
 * An expected refusal: a stable `code` from docs/errors.md with its HTTP status. Rendered as RFC 9457 problem document.
 * Severity belongs to the class: this one is logged as info and never reported.
 */
export class DomainError extends Error {
  readonly severity: 'info' | 'warn' | 'error' = 'info';
  readonly status: number;
  readonly code: string;
  readonly options: DomainErrorOptions;

  constructor(status: number, code: string, options: DomainErrorOptions = {}) {
    super(options.detail ?? code, { cause: options.cause });
    this.name = new.target.name;
    this.status = status;
    this.code = code;
    this.options = options;
  }
}

/** 422 with one pointer per wrong field. */
export class ValidationError extends DomainError {
  constructor(errors: FieldError[], detail = 'The request is well-formed, but some values are not accepted.') {
    super(422, 'validation_failed', { detail, errors });
  }
}

/** 404. Unknown and invisible are the same answer, word for word. */
export class NotFoundError extends DomainError {
  constructor() {
    super(404, 'not_found', { detail: 'There is no such resource.' });
  }
}

/** Something we depend on does not answer: 503, logged as warning, the caller may try again. */
export class UnavailableError extends DomainError {
  override readonly severity = 'warn';

  constructor(code: string, detail: string, retryAfterSeconds = 2, cause?: unknown) {
    super(503, code, { detail, headers: { 'Retry-After': String(retryAfterSeconds) }, cause });
  }
}
