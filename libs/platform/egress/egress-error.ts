/**
 * Why a call outward was not made or not finished (platform.md 15.1). Stable; users map them to codes of their own.
 *
 * - `not_https`: no https URL
 * - `host_not_allowed`: host and port are none of those the caller named, or a name or password stands before them
 * - `address_refused`: the host is an address itself, or one of its addresses is not public
 * - `redirect`: the answer leads elsewhere
 * - `encoded`: the answer is compressed although plain bytes were asked for
 * - `too_large`: more bytes than the limit, declared or sent; header fields over 16 KiB
 * - `timeout`: connecting or the whole exchange took too long
 * - `unreachable`: no such name, no connection, no trusted certificate, no HTTP, or broken off within the answer
 */
export type EgressReason =
  | 'not_https'
  | 'host_not_allowed'
  | 'address_refused'
  | 'redirect'
  | 'encoded'
  | 'too_large'
  | 'timeout'
  | 'unreachable';

/** A call outward that came to nothing. Says the host and nothing else of request or answer: both may hold secrets. */
export class EgressError extends Error {
  readonly reason: EgressReason;

  /** `detail`: code of the system or of undici, such as ECONNREFUSED. */
  constructor(reason: EgressReason, host: string, detail?: string) {
    super(`${host}: ${reason}${detail === undefined ? '' : ` (${detail})`}`);
    this.name = 'EgressError';
    this.reason = reason;
  }
}
