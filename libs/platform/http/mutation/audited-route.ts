export interface AuditTarget {
  kind: string;
  /** Path parameter that holds the id. */
  param?: string;
}

export interface AuditedOptions {
  /** Default: the row that the path names (`request.resource`), else the workspace or organization it is created in. */
  target?: AuditTarget;
  /** Starts something: refused while a halt is engaged or its state unknown. */
  starts?: boolean;
  /** 428 without an `Idempotency-Key`. */
  idempotencyRequired?: boolean;
  /**
   * The handler does what takes long (a put to storage) before the transaction, holding no connection, and returns a
   * function: what is left to do within it, which returns the answer.
   */
  prepares?: boolean;
  /** The body holds a secret: its idempotency fingerprint is keyed, so that nobody can try secrets against it. */
  secretBody?: boolean;
  /** What of the body the intent keeps, before redaction. Default: the whole body. */
  payload?: (body: unknown) => unknown;
}

export interface AuditedRoute extends AuditedOptions {
  action: string;
}
