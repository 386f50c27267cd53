import type { Authorization, AuthorizationRepository, GrantSnapshots } from '#platform/auth';
import { AuthConfig, loadTopic } from '#platform/config';
import { IdentityService } from './identity.service.ts';

describe('IdentityService', () => {
  const nobody = {};
  const providersOf = (env: NodeJS.ProcessEnv) =>
    new IdentityService(
      loadTopic(AuthConfig, env),
      nobody as Authorization,
      nobody as AuthorizationRepository,
      nobody as GrantSnapshots,
    ).publicConfig().providers;
  const entra = { ALPHASWARM_ENTRA_AUDIENCES: 'api-client,api://app', ALPHASWARM_SPA_CLIENT_ID_ENTRA: 'spa' };

  it('names Entra, and Auth0 behind it', () => {
    const told = {
      name: 'entra',
      issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
      authority: 'https://login.microsoftonline.com/organizations',
      client_id: 'spa',
      audience: 'api-client',
    };
    expect(providersOf(entra)).toEqual([told]);
    const both = {
      ...entra,
      ALPHASWARM_AUTH0_ISSUER: 'https://auth.example.com/',
      ALPHASWARM_AUTH0_AUDIENCE: 'https://api.example.com/',
    };
    expect(providersOf(both)).toEqual([
      told,
      {
        name: 'auth0',
        issuer: 'https://auth.example.com/',
        authority: 'https://auth.example.com/',
        client_id: null,
        audience: 'https://api.example.com/',
      },
    ]);
  });
});
