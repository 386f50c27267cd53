import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import type { AuditConfig, EnvironmentConfig } from '#platform/config';
import { readSecretFile, secretFile } from '#platform/host';
import type { ChainId } from '../chain.ts';
import { keyIdOf, publicKeyHex, publicKeyOf, signCheckpoint, verifyCheckpoint } from './checkpoint-signature.ts';

export interface SignedCheckpoint {
  chain_id: ChainId;
  seq: number;
  hash: string;
  signature: string;
  key_id: string;
}

/**
 * The key that signs checkpoints and those that are believed. They live outside the database, so that who may rewrite
 * every row there can still not sign what was rewritten.
 */
export class CheckpointKeys {
  readonly keyId: string;
  readonly #signing: KeyObject;
  readonly #trusted = new Map<string, KeyObject>();

  constructor(signing: KeyObject, trusted: readonly KeyObject[] = []) {
    if (signing.asymmetricKeyType !== 'ed25519') throw new Error('The audit signing key must be an Ed25519 key.');
    this.#signing = signing;
    const own = createPublicKey(signing);
    this.keyId = keyIdOf(own);
    for (const key of [own, ...trusted]) this.#trusted.set(keyIdOf(key), key);
  }

  /** Reads the configured key, or the one in the data directory, which is made when there is none. */
  static open(config: AuditConfig, environment: EnvironmentConfig): CheckpointKeys {
    const { signingKeyFile, trustedKeys } = config;
    const pem =
      signingKeyFile === undefined
        ? secretFile(join(environment.dataDir, 'audit-signing-key.pem'), newKey)
        : readSecretFile(signingKeyFile);
    return new CheckpointKeys(createPrivateKey(pem), trustedKeys.map(publicKeyOf));
  }

  sign(chain: ChainId, seq: number, hash: string): SignedCheckpoint {
    return {
      chain_id: chain,
      seq,
      hash,
      signature: signCheckpoint(this.#signing, chain, seq, hash),
      key_id: this.keyId,
    };
  }

  /** False also for a key that is not trusted. */
  verify({ chain_id, seq, hash, signature, key_id }: SignedCheckpoint): boolean {
    const key = this.#trusted.get(key_id);
    return key !== undefined && verifyCheckpoint(key, chain_id, seq, hash, signature);
  }

  /** 64 hex digits of a trusted key; null for one that is not. */
  publicKey(keyId: string): string | null {
    const key = this.#trusted.get(keyId);
    return key ? publicKeyHex(key) : null;
  }
}

function newKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}
