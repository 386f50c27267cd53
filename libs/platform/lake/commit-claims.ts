import { setTimeout } from 'node:timers/promises';
import { type Clock, DomainError, newId } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { type LakeCommitsRepository, LEASE_SECONDS } from './lake-commits.repository.ts';

const POLL_MS = 500;

/** Keeps a commit to one process at a time, by a lease that a dead process lets lapse. */
export class CommitClaims {
  readonly #commits: LakeCommitsRepository;
  readonly #clock: Clock;

  constructor(commits: LakeCommitsRepository, clock: Clock) {
    this.#commits = commits;
    this.#clock = clock;
  }

  /**
   * Runs `work` while this process holds the commit. Undefined when the commit turned out to be done. Throws 409
   * `commit_in_progress` while another process holds it; with `wait` only after it has neither finished nor let go.
   */
  async hold<T>(
    ctx: WorkspaceContext,
    commitId: string,
    options: { wait: boolean; signal?: AbortSignal | undefined },
    work: (owner: string, attempt: number) => Promise<T>,
  ): Promise<T | undefined> {
    const owner = newId(this.#clock);
    const attempt = await this.#claim(ctx, commitId, owner, options);
    if (attempt === null) return undefined;
    const heartbeat = setInterval(
      () => {
        // A missed renewal is no failure: the lease lasts three of them, and the commit checks that it still holds.
        this.#commits.renew(ctx, commitId, owner).catch(() => undefined);
      },
      (LEASE_SECONDS * 1_000) / 3,
    );
    try {
      return await work(owner, attempt);
    } catch (error) {
      await this.#commits.release(ctx, commitId, owner);
      throw error;
    } finally {
      clearInterval(heartbeat);
    }
  }

  /** Number of the attempt; null when the commit is done. */
  async #claim(
    ctx: WorkspaceContext,
    commitId: string,
    owner: string,
    { wait, signal }: { wait: boolean; signal?: AbortSignal | undefined },
  ): Promise<number | null> {
    for (
      const deadline = this.#clock.now() + (LEASE_SECONDS + 5) * 1_000;
      ;
      await setTimeout(POLL_MS, undefined, { signal })
    ) {
      const attempt = await this.#commits.claim(ctx, commitId, owner);
      if (attempt !== null) return attempt;
      if ((await this.#commits.state(ctx, commitId)).state === 'committed') return null;
      if (!wait || this.#clock.now() >= deadline)
        throw new DomainError(409, 'commit_in_progress', {
          detail: 'An append with this key is running.',
          headers: { 'Retry-After': String(LEASE_SECONDS) },
        });
    }
  }
}
