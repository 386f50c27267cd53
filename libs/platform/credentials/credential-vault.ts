import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Clock, DomainError, NotFoundError, newId } from '#kernel';
import type { RequestContext } from '#platform/context';
import { Envelope } from '#platform/envelope';
import { SIGNING_KEY } from '#platform/http';
import { type NewCredential, placeOf, textsOf } from './credential.ts';
import { type CredentialHead, CredentialsRepository } from './credentials.repository.ts';

/** Only of a secret so long may the last four characters be shown (platform.md 15.3). */
const SHORTEST_WITH_LAST4 = 16;

/** Takes secrets in. What is given here comes out by `CredentialResolver.use` and nowhere else. */
@Injectable()
export class CredentialVault {
  constructor(
    private readonly repository: CredentialsRepository,
    private readonly envelope: Envelope,
    private readonly clock: Clock,
    @Inject(SIGNING_KEY) private readonly key: Uint8Array,
  ) {}

  /** Within a tenant transaction. Returns the id. Throws 409 `conflict` where there is one of that key. */
  async create(ctx: RequestContext & { readonly orgId: string }, credential: NewCredential): Promise<string> {
    const row = {
      ...credential,
      id: newId(),
      orgId: ctx.orgId,
      ...this.#facts(ctx.orgId, credential.secret),
      createdBy: ctx.principal.actor,
    };
    const sealed = this.envelope.seal(Buffer.from(credential.secret), placeOf({ ...row, version: 1 }));
    if (!(await this.repository.insert(row, sealed, new Date(this.clock.now()))))
      throw new DomainError(409, 'conflict', {
        detail: 'There is a credential of this service, purpose and label there.',
        hint: 'Rotate it, or revoke it first.',
      });
    return row.id;
  }

  /**
   * Within a tenant transaction. The version before stays usable for `keepOldSeconds` by who has pinned it. Returns the
   * new version. Throws 404, and what `check` throws of the present version.
   */
  async rotate(
    id: string,
    secret: string,
    keepOldSeconds: number,
    check: (version: number) => void = () => undefined,
  ): Promise<number> {
    const head = await this.#lock(id);
    check(head.version);
    const next = { ...head, version: head.version + 1 };
    const now = this.clock.now();
    const sealed = this.envelope.seal(Buffer.from(secret), placeOf(next));
    await this.repository.addVersion(
      next,
      { sealed, ...this.#facts(head.orgId, secret) },
      new Date(now + keepOldSeconds * 1_000),
      new Date(now),
    );
    return next.version;
  }

  /** Within a tenant transaction. All versions are destroyed at once. Throws as `rotate` does. */
  async revoke(id: string, check: (version: number) => void = () => undefined): Promise<void> {
    check((await this.#lock(id)).version);
    await this.repository.revoke(id, new Date(this.clock.now()));
  }

  async #lock(id: string): Promise<CredentialHead> {
    const head = await this.repository.lock(id);
    if (!head) throw new NotFoundError();
    return head;
  }

  /** The organization is part of the fingerprint, so that nobody learns that another one has the same secret. */
  #facts(orgId: string, secret: string): { fingerprint: Buffer; last4: string | null } {
    return {
      fingerprint: createHmac('sha256', this.key).update(`credential\n${orgId}\n${secret}`).digest(),
      // Of a document it would be a piece of whatever stands last.
      last4: secret.length >= SHORTEST_WITH_LAST4 && textsOf(secret).length === 1 ? secret.slice(-4) : null,
    };
  }
}
