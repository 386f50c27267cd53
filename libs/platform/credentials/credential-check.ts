import { type CredentialsConfig } from '#platform/config';
import { TenantTransaction } from '#platform/database';
import { Envelope, EnvelopeError, type EnvelopeFailure, type KeyEncryptionKeys } from '#platform/envelope';
import { type CredentialSource, placeOf, sourceOf } from './credential.ts';
import { type CheckableCredential, CredentialsRepository } from './credentials.repository.ts';

/** What an operator may know of a credential: everything but the secret. */
export interface CheckedCredential {
  readonly source: CredentialSource;
  readonly purpose: string;
  /** Of a stored one; null for the installation's. */
  readonly stored: { readonly label: string; readonly version: number; readonly fingerprint: string } | null;
  /** Whether it opens where it is. */
  readonly state: 'opens' | EnvelopeFailure;
}

/** Says of a service which credentials an organization has, and whether they open (platform.md 15.3). */
export class CredentialCheck {
  readonly #tx: TenantTransaction;
  readonly #repository: CredentialsRepository;
  readonly #envelope: Envelope;
  readonly #config: CredentialsConfig;

  constructor(tx: TenantTransaction, keks: KeyEncryptionKeys, config: CredentialsConfig) {
    this.#tx = tx;
    this.#repository = new CredentialsRepository(tx);
    this.#envelope = new Envelope(keks);
    this.#config = config;
  }

  /** By purpose, in the order in which they are looked for. Throws when there is no such organization. */
  async run(slug: string, service: string): Promise<CheckedCredential[]> {
    const orgId = await this.#tx.run({ orgId: null, platform: true }, () => this.#repository.organization(slug));
    if (orgId === null) throw new Error(`There is no organization ${slug}.`);
    const stored = await this.#tx.run({ orgId }, () => this.#repository.ofService(service));
    return [
      ...stored.map((credential) => this.#checked(credential)),
      ...this.#config
        .purposesOf(service)
        .map((purpose): CheckedCredential => ({ source: 'env', purpose, stored: null, state: 'opens' })),
    ].sort((a, b) => (a.purpose < b.purpose ? -1 : a.purpose > b.purpose ? 1 : 0));
  }

  #checked(credential: CheckableCredential): CheckedCredential {
    const { purpose, label, version, fingerprint } = credential;
    return {
      source: sourceOf(credential),
      purpose,
      stored: { label, version, fingerprint: fingerprint.toString('hex') },
      state: this.#stateOf(credential),
    };
  }

  #stateOf(credential: CheckableCredential): 'opens' | EnvelopeFailure {
    try {
      this.#envelope.open(credential.sealed, placeOf(credential)).fill(0);
      return 'opens';
    } catch (error) {
      if (error instanceof EnvelopeError) return error.reason;
      throw error;
    }
  }
}
