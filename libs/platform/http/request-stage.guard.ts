import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError, type FieldError, ValidationError } from '#kernel';
import { hasBody } from './body/body-headers.ts';
import { BodyReader } from './body/body-reader.ts';
import { bodyRuleOf, takesBody } from './body/body-rules.ts';
import { textError } from './body/json-text.ts';
import { discard } from './body/spool.ts';
import { type RoutedRequest, currentExchange } from './exchange.ts';
import { MAX_ERRORS, pointerTo } from './dto/validation.pipe.ts';
import { API_VERSION } from './headers/response-headers.ts';
import { auditedOf } from './mutation/audited.ts';
import { checkIdempotencyKey } from './mutation/idempotency-key.ts';
import { MutationPipeline } from './mutation/mutation-pipeline.ts';
import { isUncompressed } from './negotiation/compressed-answers.ts';
import { negotiate, offerOf } from './negotiation/media-types.ts';
import { ifMatchOf } from './reply.ts';

const logger = new Logger('http');

/**
 * Between the guards of the door and the pipes: late bodies, version, required headers, and what no route accepts in
 * any value. A guard, because a route without interceptors spares Nest their machinery of observables.
 */
@Injectable()
export class RequestStageGuard implements CanActivate {
  constructor(
    private readonly bodies: BodyReader,
    private readonly mutations: MutationPipeline,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<RoutedRequest>();
    const handler = context.getHandler();
    // Express parses it anew at every access.
    const query = request.query as Record<string, unknown>;
    request.uncompressed = isUncompressed(handler);
    request.format = negotiate(offerOf(handler), request.headers.accept, query['format']);
    await this.#readLateBody(request, context.switchToHttp().getResponse<Response>(), handler);
    checkVersion(request);
    checkRequiredHeaders(request, context);
    const errors = [
      ...unsafeTexts(request.params, query),
      ...(request.content?.errors ?? []),
      ...unwantedBody(request, context),
    ];
    if (errors.length > 0) throw new ValidationError(errors);
    const exchange = currentExchange();
    if (exchange) exchange.mutations = this.mutations;
    return true;
  }

  async #readLateBody(request: RoutedRequest, response: Response, handler: object): Promise<void> {
    const rule = bodyRuleOf(handler);
    if (!rule.late && !(request.invite && hasBody(request))) return;
    const read = await this.bodies.read(request, rule);
    request.content = read;
    request.body = read.value;
    if (read.spooled) discardAfter(response, read.spooled.path);
  }
}

/** A caller that is gone already closes its response no second time. */
function discardAfter(response: Response, path: string): void {
  const remove = (): void => {
    discard(path).catch((error: unknown) =>
      logger.warn({ msg: 'spooled body stays until the next start', err: error }),
    );
  };
  if (response.closed) remove();
  else response.once('close', remove);
}

function checkVersion(request: RoutedRequest): void {
  const version = request.get('alphaswarm-version');
  if (version === undefined || version === API_VERSION) return;
  throw new DomainError(400, 'unknown_version', {
    detail: `The only version of this release is ${API_VERSION}.`,
    errors: [{ pointer: 'header:Alphaswarm-Version', code: 'enum', message: `must be ${API_VERSION}` }],
  });
}

function checkRequiredHeaders(request: RoutedRequest, context: ExecutionContext): void {
  if (request.method === 'POST')
    checkIdempotencyKey(request, auditedOf(context.getHandler())?.idempotencyRequired ?? false);
  const ifMatch = ifMatchOf(context.getClass().prototype as object, context.getHandler().name);
  if (ifMatch === 'required' && request.get('if-match') === undefined) {
    throw new DomainError(428, 'if_match_required', { detail: 'Send If-Match with the ETag that you read.' });
  }
}

/** What is sent to a route that takes no body: nothing, or an object without members. */
function unwantedBody({ content }: RoutedRequest, context: ExecutionContext): FieldError[] {
  const value = content?.value;
  if (value === undefined || takesBody(context.getClass(), context.getHandler().name)) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [{ pointer: '', code: 'type', message: 'must be a JSON object' }];
  return Object.keys(value)
    .map((name) => ({
      pointer: pointerTo('body', [name]),
      code: 'unknown_field',
      message: 'is not known here; accepted: nothing',
    }))
    .slice(0, MAX_ERRORS);
}

/** NUL and lone surrogates in path and query: no database text can hold them. */
function unsafeTexts(path: Record<string, unknown>, query: Record<string, unknown>): FieldError[] {
  const places: [string, Record<string, unknown>][] = [
    ['path', path],
    ['query', query],
  ];
  return places.flatMap(([place, values]) =>
    Object.entries(values).flatMap(([name, value]) => {
      const message = textError(name) ?? (typeof value === 'string' ? textError(value) : null);
      return message === null
        ? []
        : [{ pointer: `${place}:${name.toWellFormed().replaceAll('\0', '\uFFFD')}`, code: 'format', message }];
    }),
  );
}
