import 'reflect-metadata';
import { applyDecorators, createParamDecorator, type ExecutionContext, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA, RouteParamtypes } from '@nestjs/common/internal';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { RoutedRequest } from '../exchange.ts';
import type { InlineBars } from './inline-bars.ts';
import type { Spooled } from './spool.ts';

/** How the body of one route is read. `late` bodies are read after authentication (trading.md 9). */
export interface BodyRule {
  readonly kind: 'json' | 'inline' | 'spool';
  /** Absent: the configured limit. */
  readonly maxBytes?: number;
  readonly late: boolean;
}

const BODY_RULE = Symbol('body-rule');
const DEFAULT_RULE: BodyRule = { kind: 'json', late: false };

export function bodyRuleOf(handler: object): BodyRule {
  return (Reflect.getMetadata(BODY_RULE, handler) as BodyRule | undefined) ?? DEFAULT_RULE;
}

/** Whether a handler has a `@Body()`. */
export function takesBody(controller: Type, property: string): boolean {
  return bodyIndex(controller, property) !== undefined;
}

/** Which argument of a handler is its `@Body()`. */
export function bodyIndex(controller: Type, property: string): number | undefined {
  const parameters = Object.entries(
    (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, property) as Record<string, { index: number }> | undefined) ??
      {},
  );
  return parameters.find(([key]) => key.startsWith(`${RouteParamtypes.BODY}:`))?.[1].index;
}

function declare(rule: BodyRule): MethodDecorator {
  return (_target, _property, descriptor: PropertyDescriptor) => {
    Reflect.defineMetadata(BODY_RULE, rule, descriptor.value as object);
  };
}

/** The body may carry `data.inline` bars: up to 32 MiB, read after authentication, in a thread. */
export function InlineData(): MethodDecorator {
  return declare({ kind: 'inline', late: true });
}

/** The body is no JSON: it is written to a file while it is hashed, after authentication. */
export function SpooledUpload(options: { maxBytes: number }): MethodDecorator {
  return applyDecorators(
    declare({ kind: 'spool', maxBytes: options.maxBytes, late: true }),
    ApiConsumes('application/octet-stream'),
    ApiBody({
      required: true,
      schema: { type: 'string', format: 'binary', example: 'Date,Open,High,Low,Close,Volume\n' },
    }),
  );
}

/** Injects the columns of `data.inline`, or undefined when the body has none. */
export const Inline = createParamDecorator((_: unknown, execution: ExecutionContext): InlineBars | undefined => {
  return execution.switchToHttp().getRequest<RoutedRequest>().content?.bars;
});

/** Injects the spooled body. */
export const Upload = createParamDecorator((_: unknown, execution: ExecutionContext): Spooled => {
  const spooled = execution.switchToHttp().getRequest<RoutedRequest>().content?.spooled;
  if (!spooled) throw new Error('This route is not @SpooledUpload.');
  return spooled;
});
