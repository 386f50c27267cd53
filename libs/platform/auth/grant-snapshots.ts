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

interface Kept {
  readonly asked: Promise<GrantSnapshot>;
  /** Once it has been answered. */
  snapshot?: GrantSnapshot;
}

/**
 * Grants of recent principals, read at most once in 30 s (platform.md 3.6) and never used past the moment the earliest
 * of them expires. Changes are told by GrantChanges; who makes one forgets at once.
 */
@Injectable()
export class GrantSnapshots {
  readonly #lifeMs: number;
  readonly #kept = new LRUCache<string, Kept>({ max: MAX_SNAPSHOTS });

  constructor(
    private readonly repository: AuthorizationRepository,
    private readonly clock: Clock,
    config: AuthConfig,
  ) {
    this.#lifeMs = config.snapshotMs;
  }

  async of(identity: Identity): Promise<GrantSnapshot> {
    const key = `${identity.provider} ${identity.issuer} ${identity.subject}`;
    const known = this.#kept.get(key) ?? this.#ask(key, identity);
    const snapshot = await known.asked;
    if (snapshot.until > this.clock.now()) return snapshot;
    if (this.#kept.get(key) === known) this.#kept.delete(key);
    return (this.#kept.get(key) ?? this.#ask(key, identity)).asked;
  }

  /**
   * Drops what these organizations' members and these subjects hold, and what is being asked for, so that the next
   * request sees the change. Who is nobody yet may have become somebody.
   */
  forget(organizations: ReadonlySet<string>, subjects: ReadonlySet<string>): void {
    for (const [key, { snapshot }] of this.#kept.entries()) {
      const identity = snapshot?.identity;
      if (!identity || subjects.has(identity.userId) || identity.organizations.some(({ id }) => organizations.has(id)))
        this.#kept.delete(key);
    }
  }

  /** Drops everything. */
  forgetAll(): void {
    this.#kept.clear();
  }

  #ask(key: string, identity: Identity): Kept {
    const kept: Kept = { asked: this.#load(identity) };
    this.#kept.set(key, kept);
    kept.asked.then(
      (snapshot) => void (kept.snapshot = snapshot),
      () => this.#kept.get(key) === kept && this.#kept.delete(key),
    );
    return kept;
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
