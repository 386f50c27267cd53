import { Injectable } from '@nestjs/common';

/** Work that recurs and that one process does for all. */
export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  /** May be cut short by the end of its process, and then comes again elsewhere. */
  run(): Promise<unknown>;
}

/** Whoever has a chore adds it in `onModuleInit`; the leader does it. */
@Injectable()
export class Chores {
  readonly #chores: Chore[] = [];

  add(...chores: readonly Chore[]): void {
    this.#chores.push(...chores);
  }

  all(): readonly Chore[] {
    return this.#chores;
  }
}
