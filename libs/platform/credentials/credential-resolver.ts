import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Clock, DomainError, UnavailableError } from '#kernel';
import { WorkloadRuntime, resolvedSecrets } from '#platform/audit';
import { Authorization } from '#platform/auth';
import { CredentialsConfig } from '#platform/config';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { Envelope, EnvelopeError } from '#platform/envelope';
import { readSecretFile } from '#platform/host';
import {
  type CredentialKey,
  type CredentialSource,
  type StoredCredential,
  fieldsOf,
  placeOf,
  sourceOf,
  textsOf,
} from './credential.ts';
import { CredentialsRepository } from './credentials.repository.ts';

/** What failed with a secret is logged and answered after its use has ended. */
const MASKED_AFTER_USE_MS = 60_000;
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export interface ResolvedCredential {
  /** Of a secret that is a JSON object its members, else `credential`. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly source: CredentialSource;
  /** What to pin for a run that outlives this use; null for one of the installation. */
  readonly pin: { readonly id: string; readonly version: number } | null;
}

interface Found {
  readonly source: CredentialSource;
  readonly stored: StoredCredential | null;
  /** Opened within the audited run. */
  readonly open: () => string;
}

/** The one way by which a stored secret is used (platform.md 15.3). */
@Injectable()
export class CredentialResolver {
  constructor(
    private readonly repository: CredentialsRepository,
    private readonly tx: TenantTransaction,
    private readonly envelope: Envelope,
    private readonly authorization: Authorization,
    private readonly workloads: WorkloadRuntime,
    private readonly config: CredentialsConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Finds the caller's own credential, else the workspace's, the organization's, and for services of
   * `ALPHASWARM_PLATFORM_CREDENTIALS` the installation's (variable, then file), and hands it to `work`. On the record;
   * masked everywhere until a minute after `work`. Throws 403 without `credential:use`, 422 `credential_unavailable`,
   * 503 `credential_integrity`.
   */
  async use<T>(
    ctx: RequestContext,
    key: CredentialKey,
    work: (credential: ResolvedCredential) => Promise<T>,
  ): Promise<T> {
    this.authorization.demand(ctx, 'credential:use', await this.authorization.activeAccess(ctx));
    const found = await this.#find(ctx, key);
    const { stored, source } = found;
    const { service, purpose } = key;
    const intent = {
      action: 'credential.use',
      targetKind: stored && 'credential',
      targetId: stored && stored.id,
      payload: { service, purpose, source, version: stored?.version ?? null },
    };
    const secret = await this.workloads.run(ctx, intent, async () => {
      const text = found.open();
      if (stored) await this.repository.used(stored.id, new Date(this.clock.now()));
      return text;
    });
    const releases = textsOf(secret).map((text) => resolvedSecrets.register(text));
    try {
      const pin = stored && { id: stored.id, version: stored.version };
      return await work({ fields: fieldsOf(secret), source, pin });
    } finally {
      setTimeout(() => releases.forEach((release) => release()), MASKED_AFTER_USE_MS).unref();
    }
  }

  async #find(ctx: RequestContext, key: CredentialKey): Promise<Found> {
    const userId = ctx.principal.kind === 'user' ? ctx.principal.id : null;
    const now = new Date(this.clock.now());
    const stored = await this.tx.run(ctx, () =>
      this.repository.nearest(key, { userId, workspaceId: ctx.workspaceId }, now),
    );
    if (stored) return { source: sourceOf(stored), stored, open: () => this.#open(stored) };
    const own = key.pinned === undefined && key.label === undefined ? this.#ofInstallation(key) : null;
    if (!own) {
      throw new DomainError(422, 'credential_unavailable', {
        detail: 'There is no credential for this service and purpose that counts here.',
        members: { service: key.service, purpose: key.purpose },
      });
    }
    return own;
  }

  #open(stored: StoredCredential): string {
    try {
      return this.envelope.open(stored.sealed, placeOf(stored)).toString();
    } catch (cause) {
      if (!(cause instanceof EnvelopeError)) throw cause;
      throw new UnavailableError('credential_integrity', 'The stored credential does not open.', 60, cause);
    }
  }

  #ofInstallation({ service, purpose }: CredentialKey): Found | null {
    if (!this.config.platformServices.has(service) || !NAME.test(purpose)) return null;
    const value = this.config.variable(service, purpose);
    if (value !== undefined) return { source: 'env', stored: null, open: () => value };
    const file = join(this.config.directory, service, purpose);
    return existsSync(file) ? { source: 'file', stored: null, open: () => readSecretFile(file) } : null;
  }
}
