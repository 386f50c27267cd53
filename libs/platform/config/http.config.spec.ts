import { HttpConfig } from './http.config.ts';
import { loadTopic } from './load-config.ts';

describe('HttpConfig', () => {
  it('refuses trusted proxies that are no networks, all at once', () => {
    const load = (ALPHASWARM_TRUSTED_PROXIES: string): HttpConfig =>
      loadTopic(HttpConfig, { ALPHASWARM_TRUSTED_PROXIES });
    expect(load('10.0.0.0/8, ::1, 192.0.2.1').trustedProxies).toHaveLength(3);
    expect(() => load('proxy.internal,10.0.0.0/33')).toThrow(/proxy\.internal[\s\S]*10\.0\.0\.0\/33/);
  });

  it('refuses origins that no browser sends', () => {
    const load = (ALPHASWARM_CORS_ORIGINS: string): HttpConfig => loadTopic(HttpConfig, { ALPHASWARM_CORS_ORIGINS });
    expect(load('https://app.example, http://localhost:*, http://127.0.0.1:5173').corsOrigins).toHaveLength(3);
    for (const text of [
      '*',
      'app.example',
      'https://app.example/',
      'https://*.app.example',
      'https://APP.example',
      'null',
      'ftp://x',
      'https://a.example:443',
    ])
      expect(() => load(text)).toThrow('is no origin');
  });

  it('lets a browser on this machine in with the local issuer only', () => {
    expect(loadTopic(HttpConfig, { ALPHASWARM_AUTH_PROVIDER: 'local' })).toMatchObject({
      host: '127.0.0.1',
      corsOrigins: ['http://localhost:*', 'http://127.0.0.1:*'],
    });
    expect(loadTopic(HttpConfig, {})).toMatchObject({ host: '0.0.0.0', corsOrigins: [] });
  });
});
