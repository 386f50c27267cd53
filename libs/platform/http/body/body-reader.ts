import { join } from 'node:path';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Request } from 'express';
import { Clock, DomainError, hashCanonical, sha256Hex } from '#kernel';
import { EnvironmentConfig, HttpConfig } from '#platform/config';
import { removeAbandoned } from '#platform/host';
import { checkEncoding, checkFileType, checkJsonType, checkLength, hasBody, payloadTooLarge } from './body-headers.ts';
import type { BodyRule } from './body-rules.ts';
import { BodyThreads } from './body-threads.ts';
import { InlineBars } from './inline-bars.ts';
import { parseJson } from './json-text.ts';
import type { RoutedRequest } from '../exchange.ts';
import type { ReadBody } from './read-body.ts';
import { spool } from './spool.ts';
import type { ParseResult } from './split-inline.ts';

/** No request lives an hour. */
const MAX_REQUEST_MS = 3_600_000;
/**
 * Bodies over this are parsed in a thread. ARCHITECTURE 5 asks for it from 256 KiB; 150 KiB of small objects were seen
 * to hold up a cold loop for 30 ms.
 */
const THREAD_BYTES = 65_536;
const FIRST_BYTES = 16_384;
const MAX_ITEMS = 10_000;
const MAX_INLINE_ITEMS = 100_000;
const EMPTY_SHA256 = sha256Hex('');

/** Reads and checks bodies: size (413), type, charset and coding (415), syntax (400). */
@Injectable()
export class BodyReader implements OnApplicationBootstrap {
  readonly #spoolDirectory: string;

  constructor(
    private readonly config: HttpConfig,
    environment: EnvironmentConfig,
    private readonly threads: BodyThreads,
    private readonly clock: Clock,
  ) {
    this.#spoolDirectory = join(environment.dataDir, 'spool');
  }

  async onApplicationBootstrap(): Promise<void> {
    await removeAbandoned(this.#spoolDirectory, this.clock.now(), MAX_REQUEST_MS);
  }

  /**
   * What the headers tell already: announced length (413), type, charset and coding (415). Returns the limit in bytes.
   */
  check(request: Request, rule: BodyRule): number {
    const maxBytes =
      rule.maxBytes ?? (rule.kind === 'inline' ? this.config.maxInlineBodyBytes : this.config.maxBodyBytes);
    checkLength(request, maxBytes);
    checkEncoding(request);
    if (rule.kind === 'spool') checkFileType(request);
    else checkJsonType(request);
    return maxBytes;
  }

  async read(request: RoutedRequest, rule: BodyRule): Promise<ReadBody> {
    if (rule.kind !== 'spool' && !hasBody(request)) return { errors: [], fingerprintHex: () => EMPTY_SHA256 };
    const maxBytes = this.check(request, rule);
    request.invite?.();
    if (rule.kind === 'spool') {
      const spooled = await spool(request, this.#spoolDirectory, maxBytes);
      return { errors: [], spooled, fingerprintHex: () => spooled.sha256 };
    }
    const bytes = await collect(request, maxBytes);
    if (rule.kind === 'json' && bytes.length <= THREAD_BYTES) return this.#parseHere(bytes);
    return this.#parseInThread(bytes, rule.kind === 'inline', request.get('idempotency-key') !== undefined);
  }

  #parseHere(bytes: Uint8Array): ReadBody {
    const { value, errors } = parseJson(bytes, MAX_ITEMS);
    return { value, errors, fingerprintHex: () => hashCanonical(value) };
  }

  async #parseInThread(bytes: Uint8Array, inline: boolean, hash: boolean): Promise<ReadBody> {
    const result: ParseResult = await this.threads.parse({
      bytes,
      inline,
      hash,
      maxItems: inline ? MAX_INLINE_ITEMS : MAX_ITEMS,
    });
    if ('refusal' in result)
      throw new DomainError(result.refusal.status, result.refusal.code, { detail: result.refusal.detail });
    const { value, errors, columns, sha256 } = result;
    return { value, errors, bars: columns && new InlineBars(columns), fingerprintHex: () => sha256 };
  }
}

/**
 * Copies chunks as they come into one buffer that can be moved to a thread, so that no copy of the whole ever holds up
 * the loop.
 */
async function collect(request: Request, maxBytes: number): Promise<Uint8Array> {
  const announced = Number(request.headers['content-length'] ?? 0);
  let bytes: Buffer = Buffer.allocUnsafeSlow(announced || FIRST_BYTES);
  let length = 0;
  // The iterator leaves the socket alone when we stop reading: the caller must still get its 413.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    if (length + chunk.length > maxBytes) throw payloadTooLarge(maxBytes);
    if (length + chunk.length > bytes.length) bytes = grown(bytes, length + chunk.length);
    length += chunk.copy(bytes, length);
  }
  return bytes.subarray(0, length);
}

function grown(bytes: Buffer, needed: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, needed));
  bytes.copy(larger);
  return larger;
}
