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
  /** What of the body the intent keeps, before redaction. Default: the whole body. */
  payload?: (body: unknown) => unknown;
}

export interface AuditedRoute extends AuditedOptions {
  action: string;
}
