import { DomainError, type DomainErrorOptions } from './errors.ts';

/** What a thread hands over: typed refusals do not survive the structured clone, so they cross as data. */
export type Answer<T> =
  { ok: true; value: T } | { ok: false; status: number; code: string; options: Omit<DomainErrorOptions, 'cause'> };

/** The work's value or its refusal. Other errors are thrown as they are. */
export function answerOf<T>(work: () => T): Answer<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return refusalOf(error);
  }
}

/** A refusal as data; what is none is thrown. */
export function refusalOf(error: unknown): Answer<never> {
  if (!(error instanceof DomainError)) throw error;
  const { cause: _, ...options } = error.options;
  return { ok: false, status: error.status, code: error.code, options };
}

/** The inverse of answerOf on the other side. */
export function valueOf<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new DomainError(answer.status, answer.code, answer.options);
  return answer.value;
}
