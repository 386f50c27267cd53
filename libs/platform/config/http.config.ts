import { isIP } from 'node:net';
import type { EnvReader } from './env-reader.ts';

/** The listener and its limits. Sizes in bytes, times in milliseconds. */
export class HttpConfig {
  readonly host: string;
  readonly port: number;
  /** Exact origins for CORS, cookies and sockets; `*` as port stands for any port. */
  readonly corsOrigins: readonly string[];
  /** CIDRs whose X-Forwarded-For is believed for rates and source_ip. */
  readonly trustedProxies: readonly string[];
  readonly maxBodyBytes: number;
  readonly maxInlineBodyBytes: number;
  readonly requestTimeoutMs: number;
  /** Time between "not ready" and "no longer accepting" on SIGTERM. */
  readonly drainDelayMs: number;
  /** Address that browsers reach the service under, where it is not that of the request (behind an ingress). */
  readonly publicUrl: string | undefined;
  /**
   * Signs cursors and links; the same in every process that serves one cell. Absent: a key kept in the data directory.
   */
  readonly signingKey: string | undefined;

  constructor(env: EnvReader) {
    const local = env.optional('ALPHASWARM_AUTH_PROVIDER') === 'local';
    this.host = env.text('HOST', local ? '127.0.0.1' : '0.0.0.0');
    this.port = env.integer('PORT', 8000, { min: 0, max: 65_535 });
    this.corsOrigins = env.list('ALPHASWARM_CORS_ORIGINS', local ? ['http://localhost:*', 'http://127.0.0.1:*'] : []);
    for (const origin of this.corsOrigins.filter((text) => !isOrigin(text)))
      env.refuse(`ALPHASWARM_CORS_ORIGINS: ${origin} is no origin such as https://app.example or http://localhost:*`);
    this.trustedProxies = env.list('ALPHASWARM_TRUSTED_PROXIES');
    for (const network of this.trustedProxies.filter((text) => !isNetwork(text)))
      env.refuse(`ALPHASWARM_TRUSTED_PROXIES: ${network} is no network such as 10.0.0.0/8`);
    this.maxBodyBytes = env.integer('ALPHASWARM_MAX_BODY_BYTES', 1_048_576, { min: 1_024 });
    this.maxInlineBodyBytes = env.integer('ALPHASWARM_MAX_INLINE_BODY_BYTES', 33_554_432, { min: 1_024 });
    this.requestTimeoutMs = env.integer('ALPHASWARM_REQUEST_TIMEOUT_MS', 30_000, { min: 100 });
    this.drainDelayMs = env.integer('ALPHASWARM_DRAIN_DELAY_MS', 5_000, { min: 0, max: 60_000 });
    this.publicUrl = env.url('ALPHASWARM_PUBLIC_URL', ['http:', 'https:'])?.replace(/\/$/, '');
    this.signingKey = env.optional('ALPHASWARM_SIGNING_KEY');
    if (this.signingKey !== undefined && this.signingKey.length < 32)
      env.refuse('ALPHASWARM_SIGNING_KEY has at least 32 characters');
  }
}

/** Scheme, host and port as a browser writes them; `*` may stand for the port and for nothing else. */
function isOrigin(text: string): boolean {
  const origin = text.replace(/:\*$/, '');
  return /^https?:\/\/[^*]+$/.test(origin) && URL.parse(origin)?.origin === origin;
}

function isNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/');
  const family = isIP(address);
  return (
    family !== 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128)))
  );
}
