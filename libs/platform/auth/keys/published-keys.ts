import { type KeyObject, createPublicKey } from 'node:crypto';
import { canonicalJson } from '#kernel';

/** A key as its issuer published it; the same object for as long as the issuer publishes it unchanged. */
export interface PublishedKey {
  readonly id: string;
  readonly key: KeyObject;
  /** Members `alg`, `use` and `issuer` of the JWK, where it has them. */
  readonly algorithm: unknown;
  readonly use: unknown;
  readonly issuer: unknown;
  /** The JWK in canonical form, to tell whether it has changed. */
  readonly text: string;
}

/** What a key set held. */
export interface PublishedKeys {
  readonly keys: readonly PublishedKey[];
  /** How many keys were dropped because their secret was published with them. */
  readonly exposed: number;
}

type Jwk = Readonly<Record<string, unknown>>;

/** A document that is not believed; says why. */
export class KeyDocumentError extends Error {}

const MAX_KEYS = 50;
/** RFC 7518 6.2.2 and 6.3.2. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];
const KEY_TYPES: readonly unknown[] = ['RSA', 'EC'];

/**
 * Reads a key set (RFC 7517 5) by the rules of platform.md 3.5: at most 50 keys, symmetric ones and such with private
 * members left out. Judged here, since jwks-rsa drops the members that tell. Throws KeyDocumentError, also for a set
 * without a usable key.
 */
export async function readKeySet(body: Buffer): Promise<PublishedKeys> {
  const { keys } = jsonObject(body);
  if (!Array.isArray(keys)) throw new KeyDocumentError('no list of keys');
  if (keys.length > MAX_KEYS) throw new KeyDocumentError(`more than ${MAX_KEYS} keys`);
  const asymmetric = keys.filter(isNamedKey);
  const sound = asymmetric.filter((jwk) => !PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member)));
  const published = (await Promise.all(sound.map(publishedKey))).filter((key) => key !== null);
  if (published.length === 0) throw new KeyDocumentError('no usable key');
  return { keys: published, exposed: asymmetric.length - sound.length };
}

/** An object of JSON. Throws KeyDocumentError. */
export function jsonObject(body: Buffer): Jwk {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new KeyDocumentError('no JSON', { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new KeyDocumentError('no JSON object');
  return value as Jwk;
}

function isNamedKey(jwk: unknown): jwk is Jwk & { kid: string } {
  if (typeof jwk !== 'object' || jwk === null) return false;
  const { kid, kty } = jwk as Jwk;
  return typeof kid === 'string' && KEY_TYPES.includes(kty);
}

/** Null for a key that cannot be read. jwks-rsa is shown neither use nor algorithm: it would drop keys in silence. */
async function publishedKey(jwk: Jwk & { kid: string }): Promise<PublishedKey | null> {
  const { alg, use, issuer, kid, kty, n, e, crv, x, y } = jwk;
  // Loaded when there are keys to read: it requires jose, an ES module, which may still be loading at the start.
  const { JwksClient } = await import('jwks-rsa');
  const client = new JwksClient({
    jwksUri: '',
    cache: false,
    rateLimit: false,
    fetcher: async () => ({ keys: [{ kid, kty, n, e, crv, x, y }] }),
  });
  const [found] = await client.getSigningKeys().catch(() => []);
  if (!found) return null;
  const key = createPublicKey(found.getPublicKey());
  return { id: kid, key, algorithm: alg, use, issuer, text: canonicalJson(jwk) };
}
