import type { IncomingHttpHeaders } from 'node:http';
import { DomainError } from '#kernel';
import { TokenRejectedError, UnauthenticatedError } from './token/token-rejection.ts';

/** The part of an HTTP or upgrade request that identity is read from. */
export interface CredentialRequest {
  /** Request target with its query, as received. */
  readonly url?: string;
  readonly method?: string;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value: shows a field that was sent twice. */
  readonly rawHeaders: readonly string[];
}

const MAX_TOKEN_LENGTH = 8_192;
const CREDENTIAL_PARAMETERS = ['access_token', 'id_token', 'token', 'jwt', 'bearer'] as const;

/** 400 `credential_in_query`: addresses end up in logs and histories. A `ticket` belongs to sockets only. */
export function refuseCredentialInQuery(url: string | undefined): void {
  const at = url?.indexOf('?') ?? -1;
  if (!url || at < 0) return;
  const query = new URLSearchParams(url.slice(at + 1));
  const found =
    CREDENTIAL_PARAMETERS.find((name) => query.has(name)) ??
    (query.has('ticket') && !url.startsWith('/ws/') ? 'ticket' : undefined);
  if (!found) return;
  throw new DomainError(400, 'credential_in_query', {
    detail: `A credential does not belong into the address: ${found}.`,
    hint: 'Send it as "Authorization: Bearer <token>".',
  });
}

/**
 * The bearer token (platform.md 3.1). Throws UnauthenticatedError when there is none, TokenRejectedError when what is
 * there cannot be one.
 */
export function bearerToken(request: CredentialRequest): string {
  const fields = request.rawHeaders.filter(
    (name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization',
  ).length;
  if (fields > 1) throw new TokenRejectedError('shape');
  const [scheme = '', ...rest] = (request.headers.authorization ?? '').trim().split(/ +/);
  if (scheme.toLowerCase() !== 'bearer' || rest.length === 0) throw new UnauthenticatedError();
  const [token = ''] = rest;
  if (rest.length > 1 || token.length > MAX_TOKEN_LENGTH) throw new TokenRejectedError('shape');
  return token;
}
