import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '#kernel';
import { AuthConfig } from '#platform/config';
import type { TokenFacts } from '#platform/context';
import { AuthorizationRepository, type IdentityRow, type ScopeAccess } from './authorization.repository.ts';

const MAX_SNAPSHOTS = 10_000;
const MAX_SCOPES = 1_000;

type Identity = Pick<TokenFacts, 'provider' | 'issuer' | 'subject'>;

/**
 * One principal's grants as the database answered, kept until the snapshot ends. Answers are asked for once and shared.
 */
export class GrantSnapshot {
  readonly identity: IdentityRow | null;
  readonly until: number;
  readonly #repository: AuthorizationRepository;
  readonly #scopes = new LRUCache<string, Promise<ScopeAccess | null>>({ max: MAX_SCOPES });
  readonly #firstWorkspaces = new Map<string, Promise<string | null>>();

  constructor(identity: IdentityRow | null, until: number, repository: AuthorizationRepository) {
    this.identity = identity;
    this.until = until;
    this.#repository = repository;
  }

  /** What the principal holds on a scope; null when there is no such scope. */
  scope(id: string): Promise<ScopeAccess | null> {
    const { identity } = this;
    if (!identity) return Promise.resolve(null);
    return once(this.#scopes, id, () => this.#repository.scope(identity.userId, id));
  }

  firstWorkspace(orgId: string): Promise<string | null> {
    const { identity } = this;
    if (!identity) return Promise.resolve(null);
    return once(this.#firstWorkspaces, orgId, () => this.#repository.firstWorkspace(identity.userId, orgId));
  }
}

/**
 * Grants of recent principals, read at most once in 30 s (platform.md 3.6) and never used past the moment the earliest
 * of them expires. Every write of memberships, teams, workspaces or users calls `forget`.
 */
@Injectable()
export class GrantSnapshots {
  readonly #lifeMs: number;
  readonly #snapshots = new LRUCache<string, Promise<GrantSnapshot>>({ max: MAX_SNAPSHOTS });

  constructor(
    private readonly repository: AuthorizationRepository,
    private readonly clock: Clock,
    config: AuthConfig,
  ) {
    this.#lifeMs = config.snapshotMs;
  }

  async of(identity: Identity): Promise<GrantSnapshot> {
    const key = `${identity.provider} ${identity.issuer} ${identity.subject}`;
    const known = await once(this.#snapshots, key, () => this.#load(identity));
    if (known.until > this.clock.now()) return known;
    this.#snapshots.delete(key);
    return once(this.#snapshots, key, () => this.#load(identity));
  }

  /** Drops every snapshot of this process, so that the next request sees the change. */
  forget(): void {
    this.#snapshots.clear();
  }

  async #load({ provider, issuer, subject }: Identity): Promise<GrantSnapshot> {
    const asked = this.clock.now();
    const identity = await this.repository.identity(provider, issuer, subject);
    return new GrantSnapshot(
      identity,
      asked + Math.min(this.#lifeMs, identity?.validMs ?? Number.POSITIVE_INFINITY),
      this.repository,
    );
  }
}

interface PromiseCache<V> {
  get(key: string): Promise<V> | undefined;
  set(key: string, value: Promise<V>): unknown;
  delete(key: string): unknown;
}

/** The pending or known answer for `key`; a failed question is forgotten, so that the next one asks again. */
function once<V>(cache: PromiseCache<V>, key: string, ask: () => Promise<V>): Promise<V> {
  const known = cache.get(key);
  if (known) return known;
  const asked = ask();
  cache.set(key, asked);
  asked.catch(() => {
    if (cache.get(key) === asked) cache.delete(key);
  });
  return asked;
}
