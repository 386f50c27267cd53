import { AuthConfig } from './auth.config.ts';
import { ConfigError } from './env-reader.ts';
import { loadTopic } from './load-config.ts';

const problems = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    loadTopic(AuthConfig, { ALPHASWARM_AUTH_PROVIDER: 'local', ...env });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('AuthConfig', () => {
  it("trusts the organization's provider unless told otherwise", () => {
    expect(loadTopic(AuthConfig, {}).provider).toBe('entra');
  });

  it.each([
    { ALPHASWARM_ENV: 'dev' },
    { ALPHASWARM_ENV: 'test', HOST: 'localhost' },
    { ALPHASWARM_ENV: 'dev', HOST: '127.8.0.1' },
    { ALPHASWARM_ENV: 'dev', HOST: '0.0.0.0', ALPHASWARM_AUTH_LOCAL_ACK: 'insecure' },
  ])('lets the local issuer start with %j', (env) => {
    expect(problems(env)).toEqual([]);
  });

  it.each<[NodeJS.ProcessEnv, RegExp]>([
    [{}, /not prod/],
    [{ ALPHASWARM_ENV: 'prod' }, /not prod/],
    [{ ALPHASWARM_ENV: 'staging' }, /not staging/],
    [{ ALPHASWARM_ENV: 'dev', NODE_ENV: 'production' }, /NODE_ENV=production/],
    [{ ALPHASWARM_ENV: 'dev', HOST: '0.0.0.0' }, /loopback HOST, not 0\.0\.0\.0/],
    [{ ALPHASWARM_ENV: 'dev', HOST: '127.0.0.1.evil.test' }, /loopback/],
    [{ ALPHASWARM_ENV: 'dev', HOST: '::', ALPHASWARM_AUTH_LOCAL_ACK: 'yes' }, /loopback/],
  ])('refuses the local issuer with %j', (env, problem) => {
    expect(problems(env)).toEqual([expect.stringMatching(problem)]);
  });

  it('tells every problem at once', () => {
    expect(problems({ NODE_ENV: 'production', HOST: '0.0.0.0' })).toHaveLength(3);
  });
});
