import type { EnvReader } from './env-reader.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

const CLOUDS = {
  public: 'login.microsoftonline.com',
  usgov: 'login.microsoftonline.us',
  china: 'login.partner.microsoftonline.cn',
} as const;
const ALGORITHMS: readonly string[] = ['RS256', 'PS256', 'ES256'];
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What every entry of an identity provider has. */
interface ProviderConfig {
  readonly algorithms: ReadonlySet<string>;
  /** Clients (`azp`) whose tokens count; empty: all. */
  readonly clientIds: ReadonlySet<string>;
  /** Discovery document. */
  readonly metadataUrl: string;
  /** Client with which our own pages sign people in. */
  readonly spaClientId: string | null;
}

export interface EntraConfig extends ProviderConfig {
  /** Host of the cloud, such as `login.microsoftonline.com`. */
  readonly host: string;
  /** `iss` of its tokens, with `{tenantid}` where they name their tenant. */
  readonly issuer: string;
  /** Values of `aud`, the first of them told by `GET /auth/config`; empty: no token is accepted. */
  readonly audiences: readonly string[];
  readonly allowPersonal: boolean;
  /** Tenant whose staff roles count. */
  readonly staffTenant: string | null;
  /** Authentication context that means strong authentication. */
  readonly stepUpAcrs: string;
}

export interface Auth0Config extends ProviderConfig {
  /** With its slash at the end. */
  readonly issuer: string;
  readonly audience: string;
  /** Prefixes of our claims, the first that has one wins. */
  readonly namespaces: readonly string[];
}

/** Who issues the tokens we accept. */
export class AuthConfig {
  /**
   * `entra`: the organization's identity provider. `local`: the issuer inside this process, for development and tests
   * only.
   */
  readonly provider: 'entra' | 'local';
  /** How long a principal's grants are believed before they are read again, in milliseconds. */
  readonly snapshotMs: number;

  /** What tokens of Entra must say; null where none are trusted. */
  readonly entra: EntraConfig | null;
  /** What tokens of Auth0 must say; null where none are trusted. */
  readonly auth0: Auth0Config | null;

  constructor(env: EnvReader) {
    this.provider = env.oneOf('ALPHASWARM_AUTH_PROVIDER', ['entra', 'local'], 'entra');
    this.snapshotMs = env.integer('ALPHASWARM_AUTH_SNAPSHOT_MS', 30_000, { min: 0, max: 30_000 });
    if (this.provider === 'local') this.#refuseUnsafeLocalIssuer(env);
    this.entra = this.provider === 'entra' ? entraConfig(env) : null;
    this.auth0 = this.provider === 'entra' ? auth0Config(env) : null;
  }

  /** The local issuer hands a token to whoever asks, so it never runs where anybody else could ask. */
  #refuseUnsafeLocalIssuer(env: EnvReader): void {
    const environment = env.text('ALPHASWARM_ENV', 'prod');
    if (environment !== 'dev' && environment !== 'test')
      env.refuse(`ALPHASWARM_AUTH_PROVIDER=local needs ALPHASWARM_ENV dev or test, not ${environment}`);
    if (env.optional('NODE_ENV') === 'production')
      env.refuse('ALPHASWARM_AUTH_PROVIDER=local is refused with NODE_ENV=production');
    const host = env.text('HOST', '127.0.0.1');
    if (!LOOPBACK.test(host) && env.optional('ALPHASWARM_AUTH_LOCAL_ACK') !== 'insecure') {
      env.refuse(
        `ALPHASWARM_AUTH_PROVIDER=local needs a loopback HOST, not ${host}, or ALPHASWARM_AUTH_LOCAL_ACK=insecure`,
      );
    }
  }
}

function entraConfig(env: EnvReader): EntraConfig {
  const host = CLOUDS[env.oneOf('ALPHASWARM_ENTRA_CLOUD', ['public', 'usgov', 'china'], 'public')];
  const staffTenant = env.optional('ALPHASWARM_STAFF_TENANT_ID') ?? null;
  if (staffTenant !== null && !GUID.test(staffTenant)) env.refuse('ALPHASWARM_STAFF_TENANT_ID is a GUID in lower case');
  const stepUpAcrs = env.text('ALPHASWARM_STEPUP_ENTRA_ACRS', 'c1');
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(stepUpAcrs))
    env.refuse('ALPHASWARM_STEPUP_ENTRA_ACRS is the id of an authentication context, such as c1');
  return {
    ...providerConfig(env, 'ENTRA', `https://${host}/common/v2.0/.well-known/openid-configuration`),
    host,
    issuer: `https://${host}/{tenantid}/v2.0`,
    audiences: env.list('ALPHASWARM_ENTRA_AUDIENCES'),
    allowPersonal: env.boolean('ALPHASWARM_ENTRA_ALLOW_PERSONAL', false),
    staffTenant,
    stepUpAcrs,
  };
}

function auth0Config(env: EnvReader): Auth0Config | null {
  const issuer = env.url('ALPHASWARM_AUTH0_ISSUER', ['https:']);
  if (issuer === undefined) return null;
  if (!issuer.endsWith('/')) env.refuse('ALPHASWARM_AUTH0_ISSUER ends in a slash, as `iss` does');
  const audience = env.text('ALPHASWARM_AUTH0_AUDIENCE', '');
  if (audience === '') env.refuse('ALPHASWARM_AUTH0_ISSUER needs ALPHASWARM_AUTH0_AUDIENCE');
  return {
    ...providerConfig(env, 'AUTH0', `${issuer}.well-known/openid-configuration`),
    issuer,
    audience,
    namespaces: [env.text('ALPHASWARM_AUTH_CLAIMS_NAMESPACE', 'https://alphaswarm/'), 'https://alphaswarm.internal/'],
  };
}

function providerConfig(env: EnvReader, name: 'ENTRA' | 'AUTH0', metadataUrl: string): ProviderConfig {
  const algorithms = env.list(`ALPHASWARM_${name}_ALGORITHMS`, ['RS256']);
  if (!algorithms.every((algorithm) => ALGORITHMS.includes(algorithm)))
    env.refuse(`ALPHASWARM_${name}_ALGORITHMS is a list of ${ALGORITHMS.join(', ')}`);
  return {
    algorithms: new Set(algorithms),
    clientIds: new Set(env.list(`ALPHASWARM_${name}_CLIENT_IDS`)),
    metadataUrl: env.text(`ALPHASWARM_${name}_METADATA_URL`, metadataUrl),
    spaClientId: env.optional(`ALPHASWARM_SPA_CLIENT_ID_${name}`) ?? null,
  };
}
