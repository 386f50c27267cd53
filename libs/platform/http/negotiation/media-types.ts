import { type ExecutionContext, applyDecorators, createParamDecorator } from '@nestjs/common';
import { ApiProduces } from '@nestjs/swagger';
import Negotiator from 'negotiator';
import { DomainError } from '#kernel';
import type { RoutedRequest } from '../exchange.ts';

/**
 * What a route can answer with: media types by the name that its `format` parameter has for them. The first one is
 * answered when anything will do.
 */
export type Offer<N extends string = string> = Readonly<Record<N, string>>;

const OFFER = Symbol('media-types');
const JSON_ONLY: Offer = { json: 'application/json' };

/** Declares the media types of a route, to callers and to the document. Without it a route answers JSON. */
export function Produces(offer: Offer): MethodDecorator {
  const declare: MethodDecorator = (_target, _property, descriptor: PropertyDescriptor) => {
    Reflect.defineMetadata(OFFER, offer, descriptor.value as object);
  };
  return applyDecorators(declare, ApiProduces(...Object.values(offer)));
}

export function offerOf(handler: object): Offer {
  return (Reflect.getMetadata(OFFER, handler) as Offer | undefined) ?? JSON_ONLY;
}

/** Injects the name of the media type that the caller gets. */
export const Format = createParamDecorator(
  (_: unknown, execution: ExecutionContext) => execution.switchToHttp().getRequest<RoutedRequest>().format,
);

/**
 * The name of what is answered: the one that the address asks for with `format`, else what `Accept` likes best (RFC
 * 9110 12.5.1: quality, then what the route offers first; the most specific range decides, and `q=0` excludes). Throws
 * 406 `not_acceptable`.
 */
export function negotiate<N extends string>(offer: Offer<N>, accept: string | undefined, asked?: unknown): N {
  const names = Object.keys(offer) as N[];
  const named = names.find((name) => name === asked);
  if (named) return named;
  if (accept === undefined || accept === '*/*' || accept.trim() === '') return names[0]!;
  const types = Object.values<string>(offer);
  // All text is UTF-8, so whoever asks for that asks for nothing else.
  const header = accept.replaceAll(/;\s*charset\s*=\s*"?utf-?8"?/gi, '');
  const best = new Negotiator({ headers: { accept: header } }).mediaType(types);
  if (best !== undefined) return names[types.indexOf(best)]!;
  throw new DomainError(406, 'not_acceptable', {
    detail: `This is answered as ${types.join(', ')}; \`Accept\` takes none of them.`,
    members: { acceptable: types },
  });
}
