import { CredentialsConfig } from './credentials.config.ts';
import { loadTopic } from './load-config.ts';

describe('CredentialsConfig', () => {
  const keys = { OPENAI_API_KEY: 'one', IB_GATEWAY_ACCESS_KEY: 'two', DATABASE_URL: 'postgres://other' };

  it('shares no secret of the installation unless its service is named', () => {
    expect([...loadTopic(CredentialsConfig, keys).variables]).toEqual([]);
  });

  it('knows the variables of the services that are named, and no other', () => {
    const config = loadTopic(CredentialsConfig, { ...keys, ALPHASWARM_PLATFORM_CREDENTIALS: 'openai, ib-gateway' });
    expect([...config.variables.values()]).toEqual(['one', 'two']);
    expect(config.variable('openai', 'api_key')).toBe('one');
    expect(config.variable('ib-gateway', 'access-key')).toBe('two');
    expect(config.variable('database', 'url')).toBeUndefined();
  });

  it('has a directory below that of the data unless another one is named', () => {
    expect(loadTopic(CredentialsConfig, { ALPHASWARM_DATA_DIR: '/data' }).directory).toBe('/data/credentials');
    expect(loadTopic(CredentialsConfig, { ALPHASWARM_CREDENTIALS_DIR: '/run/keys' }).directory).toBe('/run/keys');
  });

  it.each(['OpenAI', '../etc', 'a b'])('refuses %s, which names no service', (name) => {
    expect(() => loadTopic(CredentialsConfig, { ALPHASWARM_PLATFORM_CREDENTIALS: `openai,${name}` })).toThrow(
      `ALPHASWARM_PLATFORM_CREDENTIALS: ${name} names no service`,
    );
  });
});
