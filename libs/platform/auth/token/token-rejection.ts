import { DomainError } from '#kernel';

/**
 * Why a token was refused (platform.md 3.2). For the log, the metric and the security audit; the caller only reads
 * `invalid_token`.
 */
export type RejectionReason =
  | 'shape'
  | 'header'
  | 'alg'
  | 'untrusted_issuer'
  | 'unknown_key'
  | 'key_mismatch'
  | 'signature'
  | 'unsupported_version'
  | 'tenant_mismatch'
  | 'audience'
  | 'expired'
  | 'not_yet_valid'
  | 'lifetime'
  | 'subject'
  | 'no_permissions'
  | 'client'
  | 'revoked';

const CHALLENGE = 'Bearer realm="alphaswarm-core"';

/** 401 `invalid_token`: one answer for every reason. */
export class TokenRejectedError extends DomainError {
  readonly reason: RejectionReason;
  readonly provider: string;

  constructor(reason: RejectionReason, provider = 'none', cause?: unknown) {
    super(401, 'invalid_token', {
      detail: 'The access token is not valid.',
      headers: {
        'WWW-Authenticate': `${CHALLENGE}, error="invalid_token", error_description="The access token is not valid"`,
      },
      cause,
    });
    this.reason = reason;
    this.provider = provider;
  }
}

/** 401 `unauthenticated`: nothing usable was sent. */
export class UnauthenticatedError extends DomainError {
  constructor() {
    super(401, 'unauthenticated', {
      detail: 'This route needs an access token.',
      headers: { 'WWW-Authenticate': CHALLENGE },
    });
  }
}
