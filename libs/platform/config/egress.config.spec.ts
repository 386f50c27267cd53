import { EgressConfig } from './egress.config.ts';
import { loadTopic } from './load-config.ts';

describe('EgressConfig', () => {
  it('names no origin on this machine unless a test does', () => {
    expect([...loadTopic(EgressConfig, {}).loopbackOrigins]).toEqual([]);
    expect([...loadTopic(EgressConfig, { ALPHASWARM_ENV: 'test' }).loopbackOrigins]).toEqual([]);
  });

  it('names in a test the origins of the stand-ins that are http', () => {
    const config = loadTopic(EgressConfig, {
      ALPHASWARM_ENV: 'test',
      ALPHASWARM_ENTRA_METADATA_URL: 'http://127.0.0.1:4000/common/v2.0/.well-known/openid-configuration',
      ALPHASWARM_AUTH0_METADATA_URL: 'http://[::1]:4001/.well-known/openid-configuration',
    });
    expect([...config.loopbackOrigins]).toEqual(['http://127.0.0.1:4000', 'http://[::1]:4001']);
    const secure = { ALPHASWARM_ENV: 'test', ALPHASWARM_ENTRA_METADATA_URL: 'https://127.0.0.1:4000/' };
    expect([...loadTopic(EgressConfig, secure).loopbackOrigins]).toEqual([]);
  });

  it.each<[NodeJS.ProcessEnv, RegExp]>([
    [{ ALPHASWARM_ENTRA_METADATA_URL: 'http://127.0.0.1:4000/' }, /ENTRA_METADATA_URL is for ALPHASWARM_ENV=test only/],
    [
      { ALPHASWARM_ENV: 'dev', ALPHASWARM_AUTH0_METADATA_URL: 'https://idp.example.com/' },
      /AUTH0_METADATA_URL is for ALPHASWARM_ENV=test only/,
    ],
    [
      { ALPHASWARM_ENV: 'test', ALPHASWARM_ENTRA_METADATA_URL: 'http://10.0.0.7/' },
      /with http names 127\.0\.0\.1 or \[::1\]/,
    ],
    [{ ALPHASWARM_ENV: 'test', ALPHASWARM_ENTRA_METADATA_URL: 'http://localhost:4000/' }, /with http names/],
    [{ ALPHASWARM_ENV: 'test', ALPHASWARM_ENTRA_METADATA_URL: '127.0.0.1:4000' }, /is a URL/],
  ])('stops the boot with %j', (env, problem) => {
    expect(() => loadTopic(EgressConfig, env)).toThrow(problem);
  });
});
