import { setImmediate as endOfTurn } from 'node:timers/promises';

/** What more come within a turn makes a statement of its own, so that none grows without bounds. */
const LARGEST_GROUP = 100;

interface Group<Q, A> {
  readonly questions: Q[];
  readonly answers: Promise<readonly (A | Promise<A>)[]>;
}

/**
 * Puts the questions of one turn of the event loop into one statement. Nothing is kept: every question is sent after it
 * was asked, so its answer is as fresh as that of a statement of its own.
 */
export class Turn<Q, A> {
  readonly #ask: (questions: readonly Q[]) => Promise<readonly (A | Promise<A>)[]>;
  readonly #open = new Map<string, Group<Q, A>>();

  /** `ask` answers in the order of the questions. What it throws, all who asked get. */
  constructor(ask: (questions: readonly Q[]) => Promise<readonly (A | Promise<A>)[]>) {
    this.#ask = ask;
  }

  /** Questions of different `groups` are never put together. */
  async put(question: Q, group = ''): Promise<A> {
    const { questions, answers } = this.#open.get(group) ?? this.#gather(group);
    const place = questions.push(question) - 1;
    if (questions.length === LARGEST_GROUP) this.#open.delete(group);
    return (await answers)[place] as A | Promise<A>;
  }

  #gather(name: string): Group<Q, A> {
    const questions: Q[] = [];
    const answers = endOfTurn().then(() => {
      if (this.#open.get(name) === group) this.#open.delete(name);
      return this.#ask(questions);
    });
    const group = { questions, answers };
    this.#open.set(name, group);
    return group;
  }
}
