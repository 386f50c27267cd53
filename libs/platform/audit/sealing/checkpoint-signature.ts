import { type KeyObject, createHash, createPublicKey, sign, verify } from 'node:crypto';
import { canonicalJson } from '#kernel';
import type { ChainId } from '../chain.ts';

/** DER prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410); the 32 bytes of the key follow. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

function signedBytes(chain: ChainId, seq: number, hash: string): Buffer {
  return Buffer.from(canonicalJson({ chain, hash, seq, v: 1 }), 'utf8');
}

/** Lower-case hex of the Ed25519 signature over JCS of `{chain, hash, seq, v: 1}`. */
export function signCheckpoint(key: KeyObject, chain: ChainId, seq: number, hash: string): string {
  return sign(null, signedBytes(chain, seq, hash), key).toString('hex');
}

export function verifyCheckpoint(
  key: KeyObject,
  chain: ChainId,
  seq: number,
  hash: string,
  signature: string,
): boolean {
  return verify(null, signedBytes(chain, seq, hash), key, Buffer.from(signature, 'hex'));
}

/** The public key of 64 hex digits. */
export function publicKeyOf(hex: string): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, Buffer.from(hex, 'hex')]), format: 'der', type: 'spki' });
}

/** The 32 bytes of a public key. */
export function publicKeyHex(publicKey: KeyObject): string {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length).toString('hex');
}

/** Name of a key in `audit_checkpoints`: the first 16 hex digits of SHA-256 of its 32 bytes. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(Buffer.from(publicKeyHex(publicKey), 'hex'))
    .digest('hex')
    .slice(0, 16);
}
