import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { bodyIndex } from '../body/body-rules.ts';
import { type Exchange, type Mutations, currentExchange } from '../exchange.ts';
import type { AuditedOptions, AuditedRoute } from './audited-route.ts';

const AUDITED = Symbol('audited');
const NOT_AUDITED = Symbol('not-audited');

type Handler = (...args: unknown[]) => unknown;

/**
 * The handler runs as a mutation: idempotency, halt, audit intent, then the handler (or what it prepared) and its
 * outcome in one tenant transaction. It replaces the method itself, because those steps come after the pipes and Nest's
 * interceptors run before them.
 */
export function Audited(action: string, options: AuditedOptions = {}): MethodDecorator {
  const route: AuditedRoute = { ...options, action };
  return (target, property, descriptor: PropertyDescriptor) => {
    wrap(target, property, descriptor, (exchange, handler) =>
      mutationsOf(exchange, property).run(route, exchange, handler),
    );
    Reflect.defineMetadata(AUDITED, route, descriptor.value as object);
  };
}

/**
 * A method of a mutating verb that changes nothing worth an audit entry, and why. An `Idempotency-Key` is honoured all
 * the same.
 */
export function NotAudited(reason: string): MethodDecorator {
  return (target, property, descriptor: PropertyDescriptor) => {
    wrap(target, property, descriptor, (exchange, handler) =>
      mutationsOf(exchange, property).runUnaudited(exchange, handler),
    );
    Reflect.defineMetadata(NOT_AUDITED, reason, descriptor.value as object);
  };
}

function mutationsOf({ mutations }: Exchange, property: string | symbol): Mutations {
  if (!mutations) throw new Error(`${String(property)} was reached around the request pipeline.`);
  return mutations;
}

function wrap(
  target: object,
  property: string | symbol,
  descriptor: PropertyDescriptor,
  run: (exchange: Exchange, handler: () => Promise<unknown>) => Promise<unknown>,
): void {
  const original = descriptor.value as Handler;
  const wrapped = function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const exchange = currentExchange();
    if (!exchange) throw new Error(`${String(property)} changes something and must be reached through a request.`);
    const handle = (): Promise<unknown> => run(exchange, async () => original.apply(this, args));
    const { demand } = exchange.request;
    return demand ? demand(bodyOf(target, property, args)).then(handle) : handle();
  };
  copyMetadata(original, wrapped);
  Object.defineProperty(wrapped, 'name', { value: String(property) });
  descriptor.value = wrapped;
}

/** The body as the pipes have made it. */
function bodyOf(target: object, property: string | symbol, args: readonly unknown[]): object {
  const body = args[bodyIndex(target.constructor as Type, String(property)) ?? args.length];
  if (typeof body !== 'object' || body === null)
    throw new Error(`${String(property)} demands by a body that it does not take.`);
  return body;
}

export function auditedOf(handler: object): AuditedRoute | undefined {
  return Reflect.getMetadata(AUDITED, handler) as AuditedRoute | undefined;
}

export function notAuditedOf(handler: object): string | undefined {
  return Reflect.getMetadata(NOT_AUDITED, handler) as string | undefined;
}

/** Decorators below this one have left their metadata on the original function. */
function copyMetadata(from: object, to: object): void {
  for (const key of Reflect.getMetadataKeys(from) as (string | symbol)[])
    Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to);
}
