import { DomainError } from '#kernel';
import { resolvedSecrets } from '#platform/audit';
import { problemOf } from './problem.ts';

it('a problem document shows no secret that a run has resolved', () => {
  const release = resolvedSecrets.register('correct horse battery');
  try {
    const error = new DomainError(503, 'dependency_unavailable', {
      detail: 'It said: correct horse battery.',
      members: { asked: ['correct horse battery'] },
    });
    expect(problemOf(error, 'r1')).toMatchObject({ detail: 'It said: [REDACTED].', asked: ['[REDACTED]'] });
  } finally {
    release();
  }
});
