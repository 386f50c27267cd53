import type { Egress } from '#platform/egress';
import { KeyDocumentError, type PublishedKeys, jsonObject, readKeySet } from './published-keys.ts';

/** Where an issuer describes itself. */
export interface KeySource {
  readonly provider: 'entra' | 'auth0';
  /** As the document has to say it, with `{tenantid}` at Entra. */
  readonly issuer: string;
  /** Discovery document; the key set lies on the same host. */
  readonly metadataUrl: string;
}

/** A key set as it was fetched, and how long it is good. */
export interface FetchedKeys extends PublishedKeys {
  readonly lifeMs: number;
}

const MINUTE = 60_000;
const DEFAULT_LIFE_MS = 60 * MINUTE;
const MIN_LIFE_MS = 5 * MINUTE;
const MAX_LIFE_MS = 24 * 60 * MINUTE;
/** For document and keys together. */
const TOTAL_MS = 5_000;

/**
 * Fetches what an issuer publishes now: its document (OpenID Connect Discovery 1.0, 4.3) and the keys it names, within
 * 5 s for both. Rejects with EgressError or KeyDocumentError.
 */
export async function fetchKeys(source: KeySource, egress: Egress): Promise<FetchedKeys> {
  const { host } = new URL(source.metadataUrl);
  const signal = AbortSignal.timeout(TOTAL_MS);
  const get = async (url: string) => {
    const answer = await egress.request({ url, method: 'GET', allow: [host], signal });
    if (answer.status !== 200) throw new KeyDocumentError(`status ${answer.status}`);
    return answer;
  };
  const document = jsonObject((await get(source.metadataUrl)).body);
  if (document.issuer !== source.issuer) throw new KeyDocumentError('a document of another issuer');
  if (typeof document.jwks_uri !== 'string') throw new KeyDocumentError('no jwks_uri');
  const { body, headers } = await get(document.jwks_uri);
  return { ...(await readKeySet(body)), lifeMs: lifeMs(headers['cache-control']) };
}

/** `max-age` of Cache-Control (RFC 9111 5.2.2.1) from 5 minutes to 24 hours, one hour without it. */
export function lifeMs(cacheControl = ''): number {
  const seconds = /(?:^|[\s,])max-age=(\d+)/i.exec(cacheControl)?.[1];
  return seconds === undefined ? DEFAULT_LIFE_MS : Math.min(Math.max(Number(seconds) * 1000, MIN_LIFE_MS), MAX_LIFE_MS);
}
