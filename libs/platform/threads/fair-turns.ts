/** Whose work it is; null is the platform's own. */
export type Organization = string | null;

interface Waiting {
  readonly organization: Organization;
  start(): void;
  refuse(reason: unknown): void;
}

/**
 * Shares `seats` out by organization. One organization holds at most all but one of them, so that another one's short
 * task finds a seat beside long ones, which nobody interrupts. A free seat goes to the organization with the fewest
 * taken, among equals to the task that has waited longest: every task gets its turn when those before it end
 * (platform.md 10.4).
 */
export class FairTurns {
  readonly #seats: number;
  readonly #share: number;
  readonly #taken = new Map<Organization, number>();
  /** Oldest first. */
  #waiting: Waiting[] = [];
  #free: number;
  #closed: Error | undefined;

  /** With one seat the only share is all of it, and the next organization waits. */
  constructor(seats: number) {
    this.#seats = seats;
    this.#free = seats;
    this.#share = Math.max(1, seats - 1);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get running(): number {
    return this.#seats - this.#free;
  }

  /**
   * Does `work` when its turn has come. The first of `signals` to abort ends a task that still waits, with that
   * signal's reason; one that runs is not ended from here.
   */
  async run<T>(organization: Organization, work: () => Promise<T>, signals: readonly AbortSignal[] = []): Promise<T> {
    await this.#turn(organization, signals);
    try {
      return await work();
    } finally {
      this.#leave(organization);
    }
  }

  /** Ends what waits, and whatever still comes, with `reason`. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const one of [...this.#waiting]) one.refuse(reason);
  }

  async #turn(organization: Organization, signals: readonly AbortSignal[]): Promise<void> {
    for (const signal of signals) signal.throwIfAborted();
    if (this.#closed) throw this.#closed;
    const waited = new AbortController();
    await new Promise<void>((resolve, reject) => {
      const one: Waiting = {
        organization,
        start: () => {
          waited.abort();
          resolve();
        },
        refuse: (reason) => {
          waited.abort();
          this.#waiting = this.#waiting.filter((other) => other !== one);
          reject(reason as Error);
        },
      };
      for (const signal of signals)
        signal.addEventListener('abort', () => one.refuse(signal.reason), { signal: waited.signal });
      this.#waiting.push(one);
      this.#startNext();
    });
  }

  #leave(organization: Organization): void {
    const left = this.#takenBy(organization) - 1;
    if (left === 0) this.#taken.delete(organization);
    else this.#taken.set(organization, left);
    this.#free += 1;
    this.#startNext();
  }

  #startNext(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      const started = next;
      this.#waiting = this.#waiting.filter((other) => other !== started);
      this.#taken.set(started.organization, this.#takenBy(started.organization) + 1);
      this.#free -= 1;
      started.start();
    }
  }

  #next(): Waiting | undefined {
    if (this.#free === 0) return undefined;
    let best: Waiting | undefined;
    let fewest = this.#share;
    for (const one of this.#waiting) {
      const taken = this.#takenBy(one.organization);
      if (taken < fewest) [best, fewest] = [one, taken];
    }
    return best;
  }

  #takenBy(organization: Organization): number {
    return this.#taken.get(organization) ?? 0;
  }
}
