import { EnvelopeConfig } from './envelope.config.ts';
import { loadTopic } from './load-config.ts';

describe('EnvelopeConfig', () => {
  it.each(['dev', 'test'])('lets a key be made with %s', (ALPHASWARM_ENV) => {
    expect(loadTopic(EnvelopeConfig, { ALPHASWARM_ENV }).kekFile).toBeUndefined();
  });

  it.each([undefined, 'staging', 'prod'])('demands a key file with %s', (ALPHASWARM_ENV) => {
    expect(() => loadTopic(EnvelopeConfig, { ALPHASWARM_ENV })).toThrow(
      `ALPHASWARM_KEK_FILE is demanded with ALPHASWARM_ENV=${ALPHASWARM_ENV ?? 'prod'}`,
    );
    expect(loadTopic(EnvelopeConfig, { ALPHASWARM_ENV, ALPHASWARM_KEK_FILE: '/run/kek' }).kekFile).toBe('/run/kek');
  });
});
