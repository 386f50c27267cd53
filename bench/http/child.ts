import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** First line of standard input: what the parent wants of this process. */
export async function readStart<T>(): Promise<T> {
  const { value, done } = await lines.next();
  if (done) throw new Error('This program is started by the benchmark and reads its settings from standard input.');
  return JSON.parse(value) as T;
}

/** Tells the parent that the process is up. */
export function sayReady(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

/** Resolves when the parent closes standard input, which it also does by ending. */
export async function untilTold(): Promise<void> {
  for await (const line of { [Symbol.asyncIterator]: () => lines }) throw new Error(`unexpected: ${line}`);
}

/** Requests of the parent, one JSON line each. */
export async function* requests<T>(): AsyncGenerator<T> {
  for await (const line of { [Symbol.asyncIterator]: () => lines }) yield JSON.parse(line) as T;
}
