import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { KEY_BYTES, decrypt, encrypt } from './authenticated-cipher.ts';
import { type KeyEncryptionKey, KeyEncryptionKeys } from './key-encryption-keys.ts';

/** The key of a blob under a key-encryption key, and which one. */
export interface WrappedKey {
  readonly wrappedKey: Uint8Array;
  readonly kekId: string;
}

/** Bytes as they are stored. */
export interface SealedBlob extends WrappedKey {
  readonly ciphertext: Uint8Array;
}

/** `unknown_kek`: its key-encryption key is not in the file. `not_authentic`: other bytes, or another place. */
export type EnvelopeFailure = 'unknown_kek' | 'not_authentic';

/** A blob that does not open. Says nothing of its bytes. */
export class EnvelopeError extends Error {
  readonly reason: EnvelopeFailure;

  constructor(reason: EnvelopeFailure) {
    super(`The blob does not open: ${reason}.`);
    this.name = 'EnvelopeError';
    this.reason = reason;
  }
}

/**
 * Seals bytes for storage (platform.md 15.2): AES-256-GCM under a random key per blob, which is itself wrapped under a
 * key-encryption key, so that a new one rewraps 32 bytes a blob and reads no secret.
 */
@Injectable()
export class Envelope {
  constructor(private readonly keks: KeyEncryptionKeys) {}

  /** `place` says where the blob belongs, such as its row: elsewhere it opens nowhere. Not secret, not stored. */
  seal(plaintext: Uint8Array, place: string): SealedBlob {
    const kek = this.keks.current();
    const key = randomBytes(KEY_BYTES);
    const sealed = { ciphertext: encrypt(key, plaintext, place), ...wrap(key, kek) };
    key.fill(0);
    return sealed;
  }

  /** Throws EnvelopeError. */
  open({ ciphertext, wrappedKey, kekId }: SealedBlob, place: string): Buffer {
    const key = this.#unwrap({ wrappedKey, kekId });
    const plaintext = decrypt(key, ciphertext, place);
    key.fill(0);
    if (plaintext === null) throw new EnvelopeError('not_authentic');
    return plaintext;
  }

  /** The blob's own key under the key-encryption key that seals now. Throws EnvelopeError. */
  rewrap(wrapped: WrappedKey): WrappedKey {
    const key = this.#unwrap(wrapped);
    const again = wrap(key, this.keks.current());
    key.fill(0);
    return again;
  }

  #unwrap({ wrappedKey, kekId }: WrappedKey): Buffer {
    const kek = this.keks.find(kekId);
    if (kek === undefined) throw new EnvelopeError('unknown_kek');
    const key = decrypt(kek.key, wrappedKey, kek.id);
    if (key === null) throw new EnvelopeError('not_authentic');
    return key;
  }
}

function wrap(key: Uint8Array, kek: KeyEncryptionKey): WrappedKey {
  return { wrappedKey: encrypt(kek.key, key, kek.id), kekId: kek.id };
}
