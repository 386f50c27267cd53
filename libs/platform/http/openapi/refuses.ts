import { SetMetadata } from '@nestjs/common';

const REFUSES = Symbol('refuses');

/**
 * Codes of the error catalogue that an operation refuses with for reasons of its own; its documentation names them and
 * their statuses.
 */
export function Refuses(...codes: readonly string[]): MethodDecorator {
  return SetMetadata(REFUSES, codes);
}

export function refusesOf(handler: object): readonly string[] {
  return (Reflect.getMetadata(REFUSES, handler) as readonly string[] | undefined) ?? [];
}
