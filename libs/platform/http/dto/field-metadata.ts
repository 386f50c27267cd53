import 'reflect-metadata';

export type FieldKind =
  'text' | 'uuid' | 'integer' | 'number' | 'boolean' | 'enum' | 'instant' | 'date' | 'object' | 'nested';

/** What the request pipe must know to build an instance from plain JSON or from query text. */
export interface FieldRule {
  readonly kind: FieldKind;
  readonly list: boolean;
  readonly nested?: () => new () => object;
}

const FIELDS = Symbol('fields');

export function registerField(prototype: object, property: string, rule: FieldRule): void {
  const own = new Map(fieldsOf(prototype));
  own.set(property, rule);
  Reflect.defineMetadata(FIELDS, own, prototype);
}

/** Fields of a DTO class, inherited ones first. Give the prototype. */
export function fieldsOf(prototype: object): ReadonlyMap<string, FieldRule> {
  return (
    (Reflect.getMetadata(FIELDS, prototype) as ReadonlyMap<string, FieldRule> | undefined) ??
    new Map<string, FieldRule>()
  );
}
