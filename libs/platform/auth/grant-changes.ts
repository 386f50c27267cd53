import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '#kernel';
import { Listener, Looks, OwnerPool } from '#platform/database';
import { type GrantChange, GrantChangesRepository } from './grant-changes.repository.ts';
import { GrantSnapshots } from './grant-snapshots.ts';

const LOOK_MS = 1_000;
/** How far a look goes back. A transaction is shorter, so whatever commits late is still seen. */
const WINDOW_MS = 60_000;
const PAYLOAD = /^(\d+) ([0-9a-f-]{36})(?: ([0-9a-f-]{36}))?$/;

/**
 * Makes this process forget what others have changed about grants, whoever wrote it, the service or psql: by LISTEN at
 * once, and by a look every second for what a lost connection did not bring.
 */
@Injectable()
export class GrantChanges implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('auth');
  readonly #listener: Listener;
  readonly #looks = new Looks();
  readonly #organizations = new Set<string>();
  readonly #subjects = new Set<string>();
  #forgetting: NodeJS.Immediate | undefined;
  /** Changes of the window that have been heard of. */
  #known: ReadonlySet<string> = new Set();
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(
    owner: OwnerPool,
    private readonly changes: GrantChangesRepository,
    private readonly snapshots: GrantSnapshots,
    private readonly clock: Clock,
  ) {
    this.#listener = new Listener(owner, 'alphaswarm_grants', (payload) => this.#hear(payload));
  }

  onApplicationBootstrap(): void {
    this.#looks.start(LOOK_MS, () => this.#look());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#looks.stop();
    this.#listener.close();
    clearImmediate(this.#forgetting);
  }

  async #look(): Promise<void> {
    try {
      await this.#listener.open();
      const asked = this.clock.now();
      const recent = await this.changes.since(WINDOW_MS);
      if (asked - this.#lookedAt >= WINDOW_MS) this.snapshots.forgetAll();
      for (const change of recent) if (!this.#known.has(change.id)) this.#note(change);
      this.#known = new Set(recent.map(({ id }) => id));
      this.#lookedAt = asked;
    } catch (error) {
      this.#logger.warn({ msg: 'changes of grants not looked at; the next look is in a second', err: error });
    }
  }

  #hear(payload: string): void {
    const [, id, orgId, subjectId = null] = PAYLOAD.exec(payload) ?? [];
    if (id && orgId) this.#note({ id, orgId, subjectId });
  }

  /** Changes that come together are forgotten in one walk. */
  #note({ orgId, subjectId }: GrantChange): void {
    this.#organizations.add(orgId);
    if (subjectId !== null) this.#subjects.add(subjectId);
    this.#forgetting ??= setImmediate(() => {
      this.#forgetting = undefined;
      this.snapshots.forget(this.#organizations, this.#subjects);
      this.#organizations.clear();
      this.#subjects.clear();
    });
  }
}
