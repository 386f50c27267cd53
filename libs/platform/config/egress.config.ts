import type { EnvReader } from './env-reader.ts';

const STAND_INS = ['ALPHASWARM_ENTRA_METADATA_URL', 'ALPHASWARM_AUTH0_METADATA_URL'];
const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\])$/;

/** Where the service may call besides public https hosts (platform.md 15.1). */
export class EgressConfig {
  /**
   * Origins such as `http://127.0.0.1:4000` under which an identity provider is played in a test. Addresses, not
   * `localhost`, so that nothing is resolved. Empty but in `test`.
   */
  readonly loopbackOrigins: ReadonlySet<string>;

  constructor(env: EnvReader) {
    const origins = new Set<string>();
    for (const name of STAND_INS) {
      const text = env.url(name, ['http:', 'https:']);
      if (text === undefined) continue;
      if (env.text('ALPHASWARM_ENV', 'prod') !== 'test') env.refuse(`${name} is for ALPHASWARM_ENV=test only`);
      const url = URL.parse(text);
      if (url?.protocol !== 'http:') continue;
      if (LOOPBACK.test(url.hostname)) origins.add(url.origin);
      else env.refuse(`${name} with http names 127.0.0.1 or [::1]`);
    }
    this.loopbackOrigins = origins;
  }
}
