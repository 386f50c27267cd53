import fc from 'fast-check';
import { FairTurns } from './fair-turns.ts';

/** Work that begins when its turn comes and ends when the test says so. */
class Scripted {
  readonly started: string[] = [];
  readonly ended: string[] = [];
  readonly failed = new Map<string, unknown>();
  readonly #ends = new Map<string, { resolve(): void; reject(error: Error): void }>();
  readonly #turns: FairTurns;

  constructor(seats: number) {
    this.#turns = new FairTurns(seats);
  }

  get turns(): FairTurns {
    return this.#turns;
  }

  /** `name` is `<organization><number>`. */
  submit(name: string, signal?: AbortSignal): void {
    const work = (): Promise<void> => {
      this.started.push(name);
      return new Promise<void>((resolve, reject) => this.#ends.set(name, { resolve, reject }));
    };
    this.#turns.run(name[0]!, work, signal ? [signal] : []).then(
      () => this.ended.push(name),
      (error: unknown) => this.failed.set(name, error),
    );
  }

  get running(): string[] {
    return [...this.#ends.keys()];
  }

  end(name: string): Promise<void> {
    this.#ends.get(name)!.resolve();
    this.#ends.delete(name);
    return settle();
  }

  die(name: string): Promise<void> {
    this.#ends.get(name)!.reject(new Error(`the thread of ${name} died`));
    this.#ends.delete(name);
    return settle();
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('FairTurns', () => {
  it('keeps a seat free of an organization that has more waiting, for another one', async () => {
    const script = new Scripted(2);
    for (let i = 1; i <= 20; i++) script.submit(`a${i}`);
    await settle();
    expect(script.running).toEqual(['a1']);
    script.submit('b1');
    await settle();
    expect(script.running).toEqual(['a1', 'b1']);
    await script.end('b1');
    expect(script.running).toEqual(['a1']);
    await script.end('a1');
    expect(script.running).toEqual(['a2']);
  });

  it('gives all but one seat to an organization that is alone, and the only one too', async () => {
    const three = new Scripted(3);
    const one = new Scripted(1);
    for (const script of [three, one]) for (const name of ['a1', 'a2', 'a3']) script.submit(name);
    await settle();
    expect(three.running).toEqual(['a1', 'a2']);
    expect(one.running).toEqual(['a1']);
  });

  it('serves the organization with the fewest running first, then the oldest task', async () => {
    const script = new Scripted(3);
    for (const name of ['a1', 'a2', 'b1']) script.submit(name);
    await settle();
    for (const name of ['a3', 'b2', 'c1', 'd1']) script.submit(name);
    await script.end('b1');
    expect(script.running).toEqual(['a1', 'a2', 'b2']);
    await script.end('a1');
    // a3 is the oldest, but a has one running.
    expect(script.running).toEqual(['a2', 'b2', 'c1']);
    await script.end('a2');
    expect(script.running).toEqual(['b2', 'c1', 'a3']);
    await script.end('b2');
    expect(script.running).toEqual(['c1', 'a3', 'd1']);
  });

  it('frees the seat of a task that throws or whose thread dies', async () => {
    const script = new Scripted(2);
    for (const name of ['a1', 'a2']) script.submit(name);
    await settle();
    await script.die('a1');
    expect(script.failed.get('a1')).toEqual(new Error('the thread of a1 died'));
    expect(script.running).toEqual(['a2']);
    await expect(
      script.turns.run('b', () => {
        throw new Error('before it was asked');
      }),
    ).rejects.toThrow('before it was asked');
    await script.end('a2');
    expect([script.turns.running, script.turns.waiting]).toEqual([0, 0]);
  });

  it('takes an aborted task out of the line with the reason, and leaves one that runs alone', async () => {
    const script = new Scripted(2);
    const [first, second] = [new AbortController(), new AbortController()];
    script.submit('a1', first.signal);
    script.submit('a2', second.signal);
    script.submit('a3');
    await settle();
    first.abort(new Error('late'));
    second.abort(new Error('not wanted'));
    await settle();
    expect(script.failed.get('a2')).toEqual(new Error('not wanted'));
    expect(script.running).toEqual(['a1']);
    await script.end('a1');
    expect(script.running).toEqual(['a3']);
    script.submit('b1', second.signal);
    await settle();
    expect(script.failed.get('b1')).toEqual(new Error('not wanted'));
  });

  it('refuses what waits and what comes when it is closed', async () => {
    const script = new Scripted(2);
    for (const name of ['a1', 'a2']) script.submit(name);
    await settle();
    script.turns.close(new Error('stopped'));
    script.submit('b1');
    await settle();
    expect([...script.failed.keys()].sort()).toEqual(['a2', 'b1']);
    expect(script.running).toEqual(['a1']);
    await script.end('a1');
    expect([script.turns.running, script.turns.waiting]).toEqual([0, 0]);
  });

  it('keeps every share, wastes no seat, keeps the order of an organization, and ends everything', async () => {
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ does: fc.constant('submit' as const), who: fc.constantFrom('a', 'b', 'c') }),
      },
      { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('end' as const, 'die' as const), which: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant('abort' as const), which: fc.nat() }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), async (seats, steps) => {
        const script = new Scripted(seats);
        const share = Math.max(1, seats - 1);
        const aborts = new Map<string, AbortController>();
        const submitted: string[] = [];
        const waiting = (): string[] =>
          submitted.filter((name) => !script.started.includes(name) && !script.failed.has(name));
        const of = (who: string, names: string[]): number => names.filter((name) => name[0] === who).length;
        const check = (): void => {
          const { running } = script;
          expect(running.length).toBeLessThanOrEqual(seats);
          for (const who of ['a', 'b', 'c']) expect(of(who, running)).toBeLessThanOrEqual(share);
          // A free seat stays free only when nobody who waits may have it.
          if (running.length < seats) for (const name of waiting()) expect(of(name[0]!, running)).toBe(share);
          expect(script.turns.running).toBe(running.length);
          expect(script.turns.waiting).toBe(waiting().length);
        };
        for (const one of steps) {
          if (one.does === 'submit') {
            const name = `${one.who}${submitted.length}`;
            submitted.push(name);
            aborts.set(name, new AbortController());
            script.submit(name, aborts.get(name)!.signal);
            await settle();
          } else {
            const candidates = one.does === 'abort' ? waiting() : script.running;
            const name = candidates[one.which % candidates.length];
            if (name === undefined) continue;
            const before = { waiting: waiting(), running: script.running.filter((other) => other !== name) };
            const started = script.started.length;
            if (one.does === 'abort') {
              aborts.get(name)!.abort(new Error('not wanted'));
              await settle();
            } else await script[one.does](name);
            const next = script.started[started];
            if (next !== undefined) expect(next).toBe(expected(before, share));
          }
          check();
        }
        while (script.running.length > 0) await script.end(script.running[0]!);
        expect(waiting()).toEqual([]);
        expect(script.ended.length + script.failed.size).toBe(submitted.length);
        for (const who of ['a', 'b', 'c'])
          expect(script.started.filter((name) => name[0] === who)).toEqual(
            submitted.filter((name) => name[0] === who && script.started.includes(name)),
          );
      }),
      { numRuns: 200 },
    );
  });
});

/** The rule by sorting: fewest running, then oldest. */
function expected({ waiting, running }: { waiting: string[]; running: string[] }, share: number): string | undefined {
  const taken = (name: string): number => running.filter((other) => other[0] === name[0]).length;
  return waiting
    .map((name, age) => ({ name, age, taken: taken(name) }))
    .filter((one) => one.taken < share)
    .sort((x, y) => x.taken - y.taken || x.age - y.age)[0]?.name;
}
