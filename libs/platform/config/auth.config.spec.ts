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

  it('trusts Entra as it is told, and Auth0 beside it', () => {
    const { entra, auth0 } = loadTopic(AuthConfig, {
      ALPHASWARM_ENTRA_CLOUD: 'china',
      ALPHASWARM_ENTRA_AUDIENCES: 'a, b',
      ALPHASWARM_AUTH0_ISSUER: 'https://auth.example.com/',
      ALPHASWARM_AUTH0_AUDIENCE: 'https://api.example.com/',
      ALPHASWARM_AUTH0_ALGORITHMS: 'RS256,ES256',
    });
    expect(entra).toMatchObject({
      host: 'login.partner.microsoftonline.cn',
      metadataUrl: 'https://login.partner.microsoftonline.cn/common/v2.0/.well-known/openid-configuration',
      audiences: ['a', 'b'],
      algorithms: new Set(['RS256']),
      allowPersonal: false,
      staffTenant: null,
      stepUpAcrs: 'c1',
    });
    expect(auth0).toMatchObject({
      metadataUrl: 'https://auth.example.com/.well-known/openid-configuration',
      algorithms: new Set(['RS256', 'ES256']),
      namespaces: ['https://alphaswarm/', 'https://alphaswarm.internal/'],
    });
    expect(loadTopic(AuthConfig, {}).auth0).toBeNull();
    expect(loadTopic(AuthConfig, { ALPHASWARM_AUTH_PROVIDER: 'local', ALPHASWARM_ENV: 'dev' }).entra).toBeNull();
  });

  it.each([
    [{ ALPHASWARM_ENTRA_ALGORITHMS: 'HS256' }, /list of RS256/],
    [{ ALPHASWARM_ENTRA_ALGORITHMS: 'RS256,none' }, /list of RS256/],
    [{ ALPHASWARM_ENTRA_CLOUD: 'moon' }, /one of public/],
    [{ ALPHASWARM_STAFF_TENANT_ID: 'acme' }, /GUID/],
    [{ ALPHASWARM_STEPUP_ENTRA_ACRS: 'c1"' }, /authentication context/],
    [{ ALPHASWARM_AUTH0_ISSUER: 'http://auth.example.com/', ALPHASWARM_AUTH0_AUDIENCE: 'a' }, /https/],
    [{ ALPHASWARM_AUTH0_ISSUER: 'https://auth.example.com', ALPHASWARM_AUTH0_AUDIENCE: 'a' }, /slash/],
    [{ ALPHASWARM_AUTH0_ISSUER: 'https://auth.example.com/' }, /ALPHASWARM_AUTH0_AUDIENCE/],
  ])('refuses %j', (env, problem) => {
    expect(problems({ ALPHASWARM_AUTH_PROVIDER: 'entra', ...env })).toEqual([expect.stringMatching(problem)]);
  });
});
