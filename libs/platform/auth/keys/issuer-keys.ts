import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type Clock, UnavailableError } from '#kernel';
import type { AccessMetrics } from '../access-metrics.ts';
import { isIssuer } from './issuer-template.ts';
import { type FetchedKeys, type KeySource, fetchKeys } from './key-source.ts';
import type { PublishedKey } from './published-keys.ts';
import type { Egress } from '#platform/egress';

const RETRY_MS = 5_000;
const UNKNOWN_MS = 300_000;
const MAX_UNKNOWN = 1_000;
const STALE_MS = 24 * 3_600_000;
const REFRESH_AT = 0.8;

interface Loaded {
  readonly keys: readonly PublishedKey[];
  readonly refreshAt: number;
  readonly expiresAt: number;
}

/** The keys of one issuer, fetched ahead of time and kept when it is away, in this process only (platform.md 3.5). */
export class IssuerKeys {
  readonly #logger = new Logger('IssuerKeys');
  /** Until when an id is known to be nobody's. */
  readonly #unknown = new LRUCache<string, number>({ max: MAX_UNKNOWN });
  #loaded: Loaded | undefined;
  #fetching: Promise<boolean> | undefined;
  #startedAt = Number.NEGATIVE_INFINITY;
  #failed = false;
  #askedForUnknownAt = Number.NEGATIVE_INFINITY;
  #unknownFailed = false;

  constructor(
    private readonly source: KeySource,
    private readonly egress: Egress,
    private readonly clock: Clock,
    private readonly metrics: AccessMetrics,
  ) {}

  /**
   * The key with this id for tokens of `issuer`; undefined when it has none. 503 `idp_unavailable` while none was ever
   * had, or none for a day.
   */
  async find(id: string, issuer: string): Promise<PublishedKey | undefined> {
    await this.load();
    if (!this.#has(id) && this.#mayAskFor(id)) await this.#askFor(id);
    return this.#loaded?.keys.find(
      (key) =>
        key.id === id && (key.issuer === undefined || (typeof key.issuer === 'string' && isIssuer(key.issuer, issuer))),
    );
  }

  /** Whether the issuer still publishes a key that was found. */
  holds(key: object): boolean {
    return this.#usable()?.keys.some((published) => published === key) ?? false;
  }

  /** Has keys when it resolves. 503 `idp_unavailable` when it cannot. */
  async load(): Promise<void> {
    const loaded = this.#usable();
    const now = this.clock.now();
    if (loaded && now < loaded.refreshAt) return;
    const mayFetch = this.#fetching !== undefined || now - this.#startedAt >= RETRY_MS;
    // Keys past their time are served while the issuer is known to be away; nobody waits for it then.
    if (loaded && (now < loaded.expiresAt || this.#failed)) {
      if (mayFetch) this.#fetch().catch((error: unknown) => this.#logger.error(error));
      return;
    }
    if (mayFetch) await this.#fetch();
    if (!this.#usable())
      throw new UnavailableError('idp_unavailable', 'The keys of the identity provider cannot be had.', 5);
  }

  #usable(): Loaded | undefined {
    const loaded = this.#loaded;
    return loaded && this.clock.now() < loaded.expiresAt + STALE_MS ? loaded : undefined;
  }

  #has(id: string): boolean {
    return this.#loaded?.keys.some((key) => key.id === id) ?? false;
  }

  /** Random ids must not become questions to the issuer. */
  #mayAskFor(id: string): boolean {
    const now = this.clock.now();
    if ((this.#unknown.get(id) ?? 0) > now) return false;
    return (
      now - this.#askedForUnknownAt >= (this.#unknownFailed ? RETRY_MS : UNKNOWN_MS) || this.#fetching !== undefined
    );
  }

  async #askFor(id: string): Promise<void> {
    if (!this.#fetching) this.#askedForUnknownAt = this.clock.now();
    const loaded = await this.#fetch();
    this.#unknownFailed = !loaded;
    if (loaded && !this.#has(id)) this.#unknown.set(id, this.clock.now() + UNKNOWN_MS);
  }

  /** The running fetch, or a new one. */
  #fetch(): Promise<boolean> {
    if (this.#fetching) return this.#fetching;
    this.#startedAt = this.clock.now();
    this.#fetching = this.#refresh().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  /** Whether new keys are there; those before stay when they are not. */
  async #refresh(): Promise<boolean> {
    const { provider } = this.source;
    try {
      this.#keep(await fetchKeys(this.source, this.egress));
      this.#failed = false;
    } catch (error) {
      this.#failed = true;
      this.#logger.warn({ msg: 'keys of the issuer not refreshed', provider, reason: (error as Error).message });
    }
    this.metrics.keysRefreshed(provider, this.#failed ? 'failed' : 'loaded');
    return !this.#failed;
  }

  #keep({ keys, exposed, lifeMs }: FetchedKeys): void {
    const now = this.clock.now();
    const before = new Map(this.#loaded?.keys.map((key) => [key.text, key]));
    this.#loaded = {
      keys: keys.map((key) => before.get(key.text) ?? key),
      refreshAt: now + lifeMs * REFRESH_AT,
      expiresAt: now + lifeMs,
    };
    if (exposed > 0)
      this.#logger.error({
        msg: 'ALERT: issuer publishes private keys',
        provider: this.source.provider,
        keys: exposed,
      });
  }
}
