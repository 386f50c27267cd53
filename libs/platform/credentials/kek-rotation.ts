import { TenantTransaction } from '#platform/database';
import { Envelope, EnvelopeError, KeyEncryptionKeys } from '#platform/envelope';
import { type VersionKey, WrappedKeysRepository } from './wrapped-keys.repository.ts';

const BATCH = 100;
const EVERY_ORGANIZATION = { orgId: null, platformRead: true };

interface Rewrapped {
  readonly rewrapped: number;
  /** Versions that do not open, as `<credential>/<version>`; they are left as they are. */
  readonly refused: readonly string[];
}

export interface KekRotationResult extends Rewrapped {
  /** The key that seals now. */
  readonly kekId: string;
  /** Whether this call made it. False where keys were to be brought along under the one that was there. */
  readonly added: boolean;
}

/**
 * Brings the keys of all credentials under a new key-encryption key (platform.md 15.2), while services seal and open.
 * Each batch commits by itself; after a kill the next call goes on under the same key.
 */
export class KekRotation {
  readonly #keys: WrappedKeysRepository;
  readonly #tx: TenantTransaction;
  readonly #envelope: Envelope;
  readonly #keks: KeyEncryptionKeys;

  constructor(tx: TenantTransaction, keks: KeyEncryptionKeys) {
    this.#tx = tx;
    this.#keks = keks;
    this.#keys = new WrappedKeysRepository(tx);
    this.#envelope = new Envelope(keks);
  }

  async run(): Promise<KekRotationResult> {
    const unfinished = await this.#rewrapAll();
    if (unfinished.rewrapped > 0) return { kekId: this.#keks.current().id, added: false, ...unfinished };
    // One at a time: of two that write the file at once one would lose the other's key.
    await this.#tx.run(EVERY_ORGANIZATION, async () => {
      await this.#keys.lock();
      this.#keks.add();
    });
    return { ...(await this.#rewrapAll()), kekId: this.#keks.current().id, added: true };
  }

  async #rewrapAll(): Promise<Rewrapped> {
    const kekId = this.#keks.current().id;
    const organizations = await this.#tx.run(EVERY_ORGANIZATION, () => this.#keys.organizationsNotUnder(kekId));
    const refused: string[] = [];
    let rewrapped = 0;
    for (const orgId of organizations) {
      let batch: VersionKey[] = [];
      do {
        const after: VersionKey | null = batch.at(-1) ?? null;
        batch = await this.#tx.run({ orgId }, async () => {
          const next = await this.#keys.notUnder(kekId, after, BATCH);
          for (const key of next) if (!(await this.#rewrap(key))) refused.push(`${key.credentialId}/${key.version}`);
          return next;
        });
        rewrapped += batch.length;
      } while (batch.length > 0);
    }
    return { rewrapped: rewrapped - refused.length, refused };
  }

  /** False when it does not open. */
  async #rewrap(key: VersionKey): Promise<boolean> {
    try {
      await this.#keys.put(key, this.#envelope.rewrap(key));
      return true;
    } catch (error) {
      if (error instanceof EnvelopeError) return false;
      throw error;
    }
  }
}
