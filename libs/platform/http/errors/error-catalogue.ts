/** Status and meaning of every code a problem document may carry, sorted by code. docs/errors.md mirrors it (`npm run errors`). */
export const ERROR_CATALOGUE: Readonly<Record<string, readonly [status: number, meaning: string]>> = {
  audit_unavailable: [503, 'The audit intent cannot be recorded, so nothing was attempted.'],
  bad_cursor: [400, 'The cursor was changed, is older than 24 hours, or belongs to another list, order, filter or organization.'],
  bad_idempotency_key: [400, 'An `Idempotency-Key` has 1 to 128 visible ASCII characters.'],
  bad_scope_header: [400, 'A scope header is no UUID.'],
  conflict: [409, 'The request contradicts the present state of the resource.'],
  credential_in_query: [400, 'A token or ticket stands in the address, where logs and histories keep it.'],
  forbidden: [403, 'Authenticated, but without the permission in `required_permission`.'],
  idempotency_in_progress: [409, 'A request with this `Idempotency-Key` is still running.'],
  idempotency_key_required: [428, 'This route needs an `Idempotency-Key`.'],
  idempotency_key_reused: [422, 'This `Idempotency-Key` was used for another request in the last 24 hours.'],
  if_match_required: [428, 'This route needs `If-Match` with the version that was read.'],
  internal_error: [500, 'A fault of ours. Tell us the `request_id`.'],
  invalid_token: [401, 'The access token is not valid. The precise reason is in our log.'],
  kill_switch_engaged: [423, 'A halt is engaged for this scope: nothing starts.'],
  kill_switch_unknown: [503, 'The state of the halt cannot be read, so nothing starts.'],
  malformed_request: [400, 'Not readable: JSON syntax, duplicate key or parameter, nesting over 32, invalid encoding.'],
  method_not_allowed: [405, 'The resource does not know this method; see `Allow`.'],
  no_membership: [403, 'The caller belongs to no organization that the request could act in.'],
  not_found: [404, 'Unknown, or not visible to the caller.'],
  org_suspended: [403, 'The organization is not active.'],
  payload_too_large: [413, 'The body is larger than this route takes.'],
  rate_limited: [429, 'Too many requests; see `Retry-After`.'],
  request_header_fields_too_large: [431, 'Request line and headers are over 16 KiB.'],
  revocation_unavailable: [503, 'Whether the token was revoked cannot be told.'],
  scope_conflict: [400, 'Two headers name different scopes, or the project or lab lies outside of the workspace.'],
  shutting_down: [503, 'The service is about to stop and takes no new requests.'],
  step_up_not_possible: [403, 'The action needs a person who has just authenticated; machines cannot.'],
  step_up_required: [401, 'The action needs strong, recent authentication; see `step_up` and `WWW-Authenticate`.'],
  timeout: [503, 'The request took longer than the service allows.'],
  unauthenticated: [401, 'No usable credential was sent.'],
  unknown_version: [400, '`Alphaswarm-Version` names no behaviour epoch of this release.'],
  unsupported_media_type: [415, 'Body type, charset or encoding is not accepted here.'],
  validation_failed: [422, 'Well-formed, but some values are not accepted; see `errors`.'],
  version_mismatch: [412, 'The resource is not at the version that `If-Match` names.'],
  wrong_service: [404, 'The route belongs to another service; see `hint`.'],
};

/** The fixed title of a code: its words. */
export function titleOf(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
