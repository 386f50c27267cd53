import { newId } from '#kernel';
import { resolvedSecrets } from '#platform/audit';
import { composeFrame } from './frame.ts';

it('a frame shows no secret that a run has resolved', () => {
  const release = resolvedSecrets.register('correct horse battery');
  try {
    const frame = composeFrame(
      newId(),
      { stage: 'load', message: 'asked with correct horse battery', extras: { url: '?key=correct%20horse%20battery' } },
      0,
    );
    expect(JSON.parse(`${frame}}`)).toMatchObject({ message: 'asked with [REDACTED]', url: '?key=[REDACTED]' });
  } finally {
    release();
  }
});
