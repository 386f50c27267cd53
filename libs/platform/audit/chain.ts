/** The chain of an organization, or of what belongs to none: `org:<uuid>` or `platform`. */
export type ChainId = `org:${string}` | 'platform';

export function chainOf(orgId: string | null): ChainId {
  return orgId ? `org:${orgId}` : 'platform';
}

const CHAIN = /^(?:platform|org:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** The chain that `text` names, upper case accepted; null when it names none. */
export function parseChain(text: string): ChainId | null {
  const lower = text.toLowerCase();
  return CHAIN.test(lower) ? (lower as ChainId) : null;
}

/** The organization of a chain; null for `platform`. */
export function orgOf(chain: ChainId): string | null {
  return chain === 'platform' ? null : chain.slice('org:'.length);
}
