import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QUEUES } from '#platform/config';

it('the queues of platform.md 10.1, and who drains them, are those that a processor may name', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/specification/platform.md'), 'utf8');
  const owned = /worker drains ([^;]+); the Celery executor drains ([^.]+)\./.exec(text)!;
  const named = owned.slice(1).flatMap((list) => [...list.matchAll(/`([a-z]+)`/g)].map(([, name]) => name!));
  expect(named.filter((name, at) => named.indexOf(name) === at).sort()).toEqual([...QUEUES].sort());
});
