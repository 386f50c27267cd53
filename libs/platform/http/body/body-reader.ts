import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { DomainError, hashCanonical, sha256Hex } from '#kernel';
import { EnvironmentConfig, HttpConfig } from '#platform/config';
import { checkEncoding, checkJsonType, checkLength, hasBody, payloadTooLarge } from './body-headers.ts';
import type { BodyRule } from './body-rules.ts';
import { BodyThreads } from './body-threads.ts';
import { InlineBars } from './inline-bars.ts';
import { parseJson } from './json-text.ts';
import type { ReadBody } from './read-body.ts';
import { spool } from './spool.ts';
import type { ParseResult } from './split-inline.ts';

/** Bodies over this are parsed in a thread (ARCHITECTURE 5). */
const THREAD_BYTES = 262_144;
const MAX_ITEMS = 10_000;
const MAX_INLINE_ITEMS = 100_000;
const EMPTY_SHA256 = sha256Hex('');

/** Reads and checks bodies: size (413), type, charset and coding (415), syntax (400). */
@Injectable()
export class BodyReader {
  readonly #config: HttpConfig;
  readonly #spoolDirectory: string;
  readonly #threads: BodyThreads;

  constructor(config: HttpConfig, environment: EnvironmentConfig, threads: BodyThreads) {
    this.#config = config;
    this.#spoolDirectory = join(environment.dataDir, 'spool');
    this.#threads = threads;
  }

  async read(request: Request, rule: BodyRule): Promise<ReadBody> {
    if (!hasBody(request)) return { errors: [], fingerprintHex: () => EMPTY_SHA256 };
    const maxBytes = rule.maxBytes ?? (rule.kind === 'inline' ? this.#config.maxInlineBodyBytes : this.#config.maxBodyBytes);
    checkLength(request, maxBytes);
    checkEncoding(request);
    if (rule.kind === 'spool') {
      const spooled = await spool(request, this.#spoolDirectory, maxBytes);
      return { errors: [], spooled, fingerprintHex: () => spooled.sha256 };
    }
    checkJsonType(request);
    const bytes = await collect(request, maxBytes);
    if (rule.kind === 'json' && bytes.length <= THREAD_BYTES) return this.#parseHere(bytes);
    return this.#parseInThread(bytes, rule.kind === 'inline');
  }

  #parseHere(bytes: Uint8Array): ReadBody {
    const { value, errors } = parseJson(bytes, MAX_ITEMS);
    return { value, errors, fingerprintHex: () => hashCanonical(value) };
  }

  async #parseInThread(bytes: Uint8Array, inline: boolean): Promise<ReadBody> {
    const result: ParseResult = await this.#threads.parse({ bytes, inline, maxItems: inline ? MAX_INLINE_ITEMS : MAX_ITEMS });
    if ('refusal' in result) throw new DomainError(result.refusal.status, result.refusal.code, { detail: result.refusal.detail });
    const { value, errors, columns, sha256 } = result;
    return { value, errors, bars: columns && new InlineBars(columns), fingerprintHex: () => sha256 };
  }
}

async function collect(request: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  // The iterator leaves the socket alone when we stop reading: the caller must still get its 413.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw payloadTooLarge(maxBytes);
    chunks.push(chunk);
  }
  // Not Buffer.concat: small buffers share one pool, which cannot be moved to a thread.
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
