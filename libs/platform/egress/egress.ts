import type { LookupAddress } from 'node:dns';
import type { IncomingHttpHeaders } from 'node:http';
import { type LookupFunction, isIP } from 'node:net';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { SpanKind, trace } from '@opentelemetry/api';
import { Agent, errors } from 'undici';
import { EgressConfig } from '#platform/config';
import { inSpan } from '#platform/spans';
import { EgressError } from './egress-error.ts';
import { Network } from './network.ts';
import { isPublic } from './public-address.ts';

export interface EgressRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Hosts that this call may reach: `host` for port 443, else `host:port`; as URL writes them, in lower case. */
  readonly allow: readonly string[];
  readonly limits?: {
    /** From the call to the last byte of the answer, in milliseconds; 5,000 unless given. */
    readonly totalMs?: number;
    /** Of the body of the answer; 256 KiB unless given. */
    readonly maxBytes?: number;
  };
  /** Ends the call with the signal's own reason. */
  readonly signal?: AbortSignal;
}

export interface EgressAnswer {
  /** Any but 3xx. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const TOTAL_MS = 5_000;
const MAX_BYTES = 256 * 1024;

/** The one HTTP client outward (platform.md 15.1). */
@Injectable()
export class Egress implements OnApplicationShutdown {
  readonly #agent: Agent;

  constructor(
    private readonly config: EgressConfig,
    private readonly network: Network,
  ) {
    this.#agent = new Agent({
      connect: network.connector(this.#judgedAddresses),
      connections: 16,
      maxHeaderSize: 16 * 1024,
      keepAliveMaxTimeout: 10_000,
    });
  }

  /**
   * Makes one call. Rejects with EgressError, with the reason of the caller's signal, or with InvalidArgumentError of
   * undici for a request that is no HTTP.
   */
  async request(request: EgressRequest): Promise<EgressAnswer> {
    const url = this.#allowed(request);
    const given = request.signal ? [request.signal] : [];
    const failed = new AbortController();
    const deadline = AbortSignal.timeout(request.limits?.totalMs ?? TOTAL_MS);
    const signal = AbortSignal.any([failed.signal, deadline, ...given]);
    try {
      return await inSpan(
        request.method,
        () => this.#exchange(url, request, signal),
        () => ({
          kind: SpanKind.CLIENT,
          attributes: { 'http.request.method': request.method, 'server.address': url.host },
        }),
      );
    } catch (error) {
      // The rest of an answer is not read.
      failed.abort();
      if (error instanceof EgressError || error instanceof errors.InvalidArgumentError) throw error;
      request.signal?.throwIfAborted();
      throw deadline.aborted ? new EgressError('timeout', url.host) : told(error, url.host);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.destroy();
  }

  /** Judges what the URL says by itself. Its host is a name, never an address. */
  #allowed({ url: text, allow }: EgressRequest): URL {
    const url = URL.parse(text);
    if (url === null) throw new EgressError('not_https', 'no URL');
    const loopback = this.config.loopbackOrigins.has(url.origin);
    if (url.protocol !== 'https:' && !loopback) throw new EgressError('not_https', url.host);
    if (url.username !== '' || url.password !== '' || !allow.includes(url.host))
      throw new EgressError('host_not_allowed', url.host);
    // Node resolves no address, so #judgedAddresses would not be asked.
    if (isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0 && !loopback)
      throw new EgressError('address_refused', url.host);
    return url;
  }

  /**
   * Asked by each connection for the addresses that it then uses, so nothing can change between look and connect. One
   * refused address refuses the name: a name of the open internet has no reason to name a machine of ours.
   */
  readonly #judgedAddresses: LookupFunction = (name, _, answer) => {
    this.#judged(name).then(
      (addresses) => answer(null, addresses),
      (error: Error) => answer(error, []),
    );
  };

  async #judged(name: string): Promise<LookupAddress[]> {
    const addresses = await this.network.resolve(name);
    if (!addresses.every(({ address }) => isPublic(address))) throw new EgressError('address_refused', name);
    return addresses;
  }

  async #exchange(url: URL, request: EgressRequest, signal: AbortSignal): Promise<EgressAnswer> {
    const { statusCode, headers, body } = await this.#agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method,
      headers: headersOf(request, url),
      body: request.body ?? null,
      signal,
    });
    trace.getActiveSpan()?.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 300 && statusCode < 400) throw new EgressError('redirect', url.host);
    // Not decompressed, so a few bytes cannot become many.
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new EgressError('encoded', url.host);
    const { maxBytes = MAX_BYTES } = request.limits ?? {};
    if (Number(headers['content-length']) > maxBytes) throw new EgressError('too_large', url.host);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new EgressError('too_large', url.host);
      chunks.push(chunk);
    }
    return { status: statusCode, headers, body: Buffer.concat(chunks) };
  }
}

/** The host is the URL's, whatever the caller writes: undici would take the name of the certificate from the header. */
function headersOf({ headers = {} }: EgressRequest, url: URL): Record<string, string> {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { ...Object.fromEntries(own), host: url.host, 'accept-encoding': 'identity' };
}

/** What went wrong, by its code or name alone: an error of undici may quote the answer. */
function told(error: unknown, host: string): EgressError {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return new EgressError('too_large', host);
  return new EgressError(code === 'UND_ERR_CONNECT_TIMEOUT' ? 'timeout' : 'unreachable', host, String(code ?? name));
}
