/** What "now" is. Milliseconds since the Unix epoch, UTC. An abstract class, so that it is its own injection token. */
export abstract class Clock {
  abstract now(): number;
}

export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }
}

/** A clock that stands still until a test moves it. */
export class FixedClock extends Clock {
  #now: number;

  constructor(start: number | string) {
    super();
    this.#now = typeof start === 'number' ? start : Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
