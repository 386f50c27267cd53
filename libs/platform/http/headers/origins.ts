import { Injectable } from '@nestjs/common';
import { HttpConfig } from '#platform/config';

/** Which web origins may call us from a browser: one list for CORS, cookies and sockets (platform.md 4.3). */
@Injectable()
export class OriginPolicy {
  readonly #exact: ReadonlySet<string>;
  readonly #anyPort: readonly string[];

  constructor(config: HttpConfig) {
    this.#exact = new Set(config.corsOrigins.filter((origin) => !origin.endsWith(':*')));
    this.#anyPort = config.corsOrigins.filter((origin) => origin.endsWith(':*')).map((origin) => origin.slice(0, -1));
  }

  /** `host` is the request's Host header: the service's own origin is always allowed. */
  allows(origin: string, host: string | undefined): boolean {
    if (
      this.#exact.has(origin) ||
      (host !== undefined && (origin === `http://${host}` || origin === `https://${host}`))
    )
      return true;
    return this.#anyPort.some(
      (prefix) =>
        origin === prefix.slice(0, -1) || (origin.startsWith(prefix) && /^\d{1,5}$/.test(origin.slice(prefix.length))),
    );
  }
}
