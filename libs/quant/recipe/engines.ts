import { closest } from 'fastest-levenshtein';
import { DomainError, ValidationError } from '#kernel';

/** Names of the built engine, and those of engines that only a Python worker has (trading.md 7.4). */
const NATIVE = ['event', 'EventDrivenBacktester'] as const;
const ELSEWHERE = [
  'vectorised',
  'vectorbt',
  'backtesting',
  'lob',
  'vbt-pro',
  'vbt-pro:signals',
  'vbt-pro:orders',
  'vbt-pro:optimizer',
  'vbt-pro:holding',
  'vbt-pro:random',
] as const;

/**
 * The engine a recipe names by `engine` or by `class`; default `event`. `base`: pointer to what holds the names. Throws
 * 422 `engine_unavailable` or `unknown_component`.
 */
export function engineOf(given: { engine?: string; class?: string }, base = '/backtest'): 'event' {
  if (
    given.engine !== undefined &&
    given.class !== undefined &&
    NATIVE.includes(given.engine as 'event') !== NATIVE.includes(given.class as 'event')
  )
    throw new ValidationError([
      { pointer: `${base}/class`, code: 'conflict', message: `names another engine than ${base}/engine` },
    ]);
  const name = given.engine ?? given.class ?? 'event';
  const pointer = given.engine === undefined ? `${base}/class` : `${base}/engine`;
  if (NATIVE.includes(name as 'event')) return 'event';
  if (ELSEWHERE.includes(name as 'lob'))
    throw new DomainError(422, 'engine_unavailable', {
      detail: `The engine ${name} is not available here.`,
      errors: [{ pointer, code: 'engine_unavailable', message: 'available: event' }],
    });
  const nearest = closest(name, [...NATIVE, ...ELSEWHERE]);
  throw new DomainError(422, 'unknown_component', {
    detail: `There is no engine "${name.slice(0, 80)}".`,
    errors: [{ pointer, code: 'unknown_component', message: `nearest: ${nearest}` }],
    members: { nearest: [nearest] },
  });
}
