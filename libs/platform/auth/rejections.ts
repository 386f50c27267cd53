import { Injectable, Logger } from '@nestjs/common';
import { type Counter, metrics } from '@opentelemetry/api';
import type { TokenRejectedError } from './token/token-rejection.ts';

/** Where the precise reason of a refused token goes: log and metric, never the caller. */
@Injectable()
export class Rejections {
  readonly #logger = new Logger('Authentication');
  readonly #counter: Counter = metrics.getMeter('alphaswarm').createCounter('alphaswarm.auth.rejections', { description: 'Refused access tokens' });

  record({ reason, provider }: TokenRejectedError, requestId: string, ip: string | null): void {
    this.#counter.add(1, { provider, reason });
    this.#logger.warn({ msg: 'access token refused', reason, provider, request_id: requestId, source_ip: ip });
  }
}
