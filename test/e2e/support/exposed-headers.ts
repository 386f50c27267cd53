import { EXPOSED_HEADERS } from '../../../libs/platform/http/headers/response-headers.ts';

/**
 * Readable without leave (CORS-safelisted, fetch.spec.whatwg.org), of the connection, or said to the browser and not to
 * its scripts.
 */
const OTHER_HEADERS: ReadonlySet<string> = new Set([
  'cache-control',
  'content-language',
  'content-length',
  'content-type',
  'expires',
  'last-modified',
  'pragma',
  'connection',
  'content-encoding',
  'date',
  'keep-alive',
  'transfer-encoding',
  'vary',
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'access-control-max-age',
  'content-security-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'origin-agent-cluster',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
]);
const exposed = new Set(EXPOSED_HEADERS.map((name) => name.toLowerCase()));

/** Throws for a header that a route sends and a script of another origin could not read. */
export function requireExposed(target: string, headers: Headers): void {
  const hidden = [...headers.keys()].filter((name) => !exposed.has(name) && !OTHER_HEADERS.has(name));
  // What express sends of the documentation's files is for the browser.
  if (hidden.length > 0 && !target.startsWith('/docs'))
    throw new Error(`${target} sends ${hidden.join(', ')}, which CORS does not expose`);
}
