import { constants, createGzip, type Gzip } from 'node:zlib';
import type { NextFunction, Response } from 'express';
import Negotiator from 'negotiator';
import type { RoutedRequest } from '../exchange.ts';

/** Shorter answers are not worth the work. */
const LEAST_BYTES = 1_024;
const COMPRESSED = /^(application\/([\w.-]+\+)?json|application\/x-ndjson|text\/csv|text\/html)\s*(;|$)/i;
const REMEMBERED = 100;
const UNCOMPRESSED = Symbol('uncompressed');

/**
 * The route's answers are sent as they are, because they hold a secret beside what the caller chooses: their compressed
 * length would tell of it (BREACH, breachattack.com).
 */
export function Uncompressed(): MethodDecorator {
  return (_target, _property, descriptor: PropertyDescriptor) => {
    Reflect.defineMetadata(UNCOMPRESSED, true, descriptor.value as object);
  };
}

export function isUncompressed(handler: object): boolean {
  return Reflect.hasMetadata(UNCOMPRESSED, handler);
}

/**
 * gzip for callers who ask for it. Who does not ask costs one look at a header. The ETag stays: it is a version and no
 * hash of bytes, and comes back in `If-Match`.
 */
export function compressAnswers(request: RoutedRequest, response: Response, next: NextFunction): void {
  if (request.method !== 'HEAD' && wantsGzip(request.headers['accept-encoding']))
    new CompressedAnswer(request, response);
  next();
}

const known = new Map<string, boolean>();

/** Whether `Accept-Encoding` likes gzip at least as well as nothing (RFC 9110 12.5.3). */
export function wantsGzip(accepted: string | string[] | undefined): boolean {
  if (accepted === undefined) return false;
  const header = String(accepted);
  let wanted = known.get(header);
  if (wanted === undefined) {
    wanted = new Negotiator({ headers: { 'accept-encoding': header } }).encoding(['gzip', 'identity']) === 'gzip';
    if (known.size < REMEMBERED) known.set(header, wanted);
  }
  return wanted;
}

type Write = (chunk: Uint8Array) => boolean;
type End = (chunk?: Uint8Array) => unknown;

/**
 * Stands before `write` and `end` of one response until it is known what is sent: the first KiB is held back, so that a
 * short stream stays as it is.
 */
class CompressedAnswer {
  readonly #request: RoutedRequest;
  readonly #response: Response;
  readonly #write: Write;
  readonly #end: End;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #gzip: Gzip | undefined;

  constructor(request: RoutedRequest, response: Response) {
    this.#request = request;
    this.#response = response;
    this.#write = response.write.bind(response) as Write;
    this.#end = response.end.bind(response) as End;
    response.write = ((chunk: string | Uint8Array, encoding?: BufferEncoding) =>
      this.#take(bytesOf(chunk, encoding))) as Response['write'];
    response.end = ((chunk?: string | Uint8Array | null, encoding?: BufferEncoding) =>
      this.#finish(chunk == null ? undefined : bytesOf(chunk, encoding))) as Response['end'];
    request.withdraw = () => this.#withdraw();
  }

  #take(bytes: Buffer): boolean {
    if (this.#gzip) return this.#gzip.write(bytes);
    if (!this.#mayCompress()) {
      this.#stepAside();
      return this.#write(this.#release(bytes));
    }
    this.#hold(bytes);
    return this.#heldBytes <= LEAST_BYTES || this.#open().write(this.#release());
  }

  #finish(bytes: Buffer | undefined): Response {
    if (this.#gzip) this.#gzip.end(bytes);
    else {
      if (bytes) this.#hold(bytes);
      if (this.#heldBytes > LEAST_BYTES && this.#mayCompress()) this.#open().end(this.#release());
      else {
        this.#stepAside();
        if (this.#heldBytes > 0) this.#end(this.#release());
        else this.#end();
      }
    }
    return this.#response;
  }

  #mayCompress(): boolean {
    const response = this.#response;
    const type = response.getHeader('Content-Type');
    return (
      !response.headersSent &&
      !this.#request.uncompressed &&
      typeof type === 'string' &&
      COMPRESSED.test(type) &&
      !response.hasHeader('Content-Encoding')
    );
  }

  /**
   * Everything from here on goes through gzip. Each write is flushed, so that a batch of a stream arrives when it was
   * sent.
   */
  #open(): Gzip {
    const response = this.#response;
    response.removeHeader('Content-Length');
    response.setHeader('Content-Encoding', 'gzip');
    const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
    this.#gzip = gzip;
    gzip.on('data', (chunk: Buffer) => {
      if (!this.#write(chunk)) gzip.pause();
    });
    gzip.on('end', () => this.#end());
    gzip.on('drain', () => response.emit('drain'));
    gzip.on('error', (error) => response.destroy(error));
    response.on('drain', () => gzip.resume());
    response.once('close', () => gzip.destroy());
    return gzip;
  }

  /** Another answer takes the place of this one, of which nothing has left. */
  #withdraw(): void {
    this.#release();
    this.#gzip
      ?.removeAllListeners()
      .on('error', () => undefined)
      .destroy();
    this.#gzip = undefined;
  }

  #stepAside(): void {
    this.#response.write = this.#write as Response['write'];
    this.#response.end = this.#end as Response['end'];
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #release(more?: Buffer): Buffer {
    if (more) this.#hold(more);
    const held = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return held;
  }
}

function bytesOf(chunk: string | Uint8Array, encoding?: BufferEncoding): Buffer {
  return typeof chunk === 'string'
    ? Buffer.from(chunk, encoding)
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
