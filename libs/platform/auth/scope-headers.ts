import type { IncomingHttpHeaders } from 'node:http';
import { DomainError, parseUuid } from '#kernel';

/** Ids of the active scope as the caller asks for them. */
export interface ScopeHeaders {
  readonly workspace: string | null;
  readonly project: string | null;
  readonly lab: string | null;
}

/**
 * `X-AlphaSwarm-<Scope>` with the older `X-AQP-<Scope>` as alias. 400 `bad_scope_header` or, when both differ,
 * `scope_conflict`.
 */
export function readScopeHeaders(headers: IncomingHttpHeaders): ScopeHeaders {
  return { workspace: read(headers, 'workspace'), project: read(headers, 'project'), lab: read(headers, 'lab') };
}

function read(headers: IncomingHttpHeaders, scope: string): string | null {
  const name = `x-alphaswarm-${scope}`;
  const current = uuid(headers, name);
  const alias = uuid(headers, `x-aqp-${scope}`);
  if (current && alias && current !== alias)
    throw scopeConflict(`${name} and x-aqp-${scope} name different scopes.`, name);
  return current ?? alias;
}

function uuid(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  if (value === undefined) return null;
  const id = typeof value === 'string' ? parseUuid(value.trim()) : null;
  if (id) return id;
  const message = 'must be one UUID';
  throw new DomainError(400, 'bad_scope_header', {
    detail: `${name} ${message}.`,
    errors: [{ pointer: `header:${name}`, code: 'format', message }],
  });
}

export function scopeConflict(detail: string, name: string): DomainError {
  return new DomainError(400, 'scope_conflict', {
    detail,
    errors: [{ pointer: `header:${name}`, code: 'scope_conflict', message: detail }],
  });
}
