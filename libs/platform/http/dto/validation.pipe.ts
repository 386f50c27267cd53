import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { type ValidationError as Violation, validate } from 'class-validator';
import { type FieldError, ValidationError } from '#kernel';
import { type FieldRule, fieldsOf } from './field-metadata.ts';

type Place = 'body' | 'query' | 'param';
/** What is looked at, for pointers. */
interface Where {
  place: Place | 'custom';
  path: readonly string[];
}
const PRIMITIVES: ReadonlySet<unknown> = new Set([String, Number, Boolean, Array, Object]);
/** Errors of one answer. */
export const MAX_ERRORS = 100;

/** Turns what was sent into an instance of the declared DTO class, or refuses it with one pointer per wrong field. */
@Injectable()
export class RequestValidationPipe implements PipeTransform {
  async transform(value: unknown, { type, metatype }: ArgumentMetadata): Promise<unknown> {
    if (type === 'custom' || metatype === undefined || PRIMITIVES.has(metatype)) return value;
    const plain = value === undefined ? {} : value;
    if (!isPlainObject(plain))
      throw new ValidationError([
        { pointer: type === 'body' ? '' : type, code: 'type', message: 'must be a JSON object' },
      ]);
    const dto = instantiate(metatype as new () => object, plain, { place: type, path: [] });
    const violations = await validate(dto, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      stopAtFirstError: true,
    });
    if (violations.length > 0)
      throw new ValidationError(
        violations.flatMap((violation) => fieldErrors(violation, type, [])).slice(0, MAX_ERRORS),
      );
    return dto;
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Free-form objects are passed by reference: their schema is checked elsewhere and a copy would cost the event loop.
 */
function instantiate(Dto: new () => object, plain: Record<string, unknown>, { place, path }: Where): object {
  const fields = fieldsOf(Dto.prototype as object);
  refuseCrowd(
    Object.keys(plain).filter((name) => !fields.has(name)),
    fields,
    { place, path },
  );
  const dto = new Dto() as Record<string, unknown>;
  for (const [name, value] of Object.entries(plain)) {
    const rule = fields.get(name);
    dto[name] = rule ? converted(value, rule, { place, path: [...path, name] }) : value;
  }
  return dto;
}

/** More unknown members than an answer names: the validator would take a tenth of a second for ten thousand of them. */
function refuseCrowd(unknown: readonly string[], fields: ReadonlyMap<string, FieldRule>, { place, path }: Where): void {
  if (unknown.length <= MAX_ERRORS) return;
  throw new ValidationError(
    unknown
      .slice(0, MAX_ERRORS)
      .map((name) => ({ pointer: pointerTo(place, [...path, name]), ...unknownField([...fields.keys()]) })),
  );
}

function converted(value: unknown, rule: FieldRule, where: Where): unknown {
  if (rule.list && where.place === 'query' && typeof value === 'string')
    return value.split(',').map((item) => single(item, rule, where));
  if (rule.list && Array.isArray(value))
    return value.map((item, index) => single(item, rule, { ...where, path: [...where.path, String(index)] }));
  return single(value, rule, where);
}

function single(value: unknown, { kind, nested }: FieldRule, where: Where): unknown {
  if (nested && isPlainObject(value)) return instantiate(nested(), value, where);
  if (typeof value !== 'string') return value;
  if (kind === 'uuid') return value.toLowerCase();
  if (where.place !== 'query') return value;
  if (kind === 'integer' && /^[+-]?\d{1,16}$/.test(value)) return Number(value);
  if (kind === 'number' && /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/.test(value)) return Number(value);
  if (kind === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

function fieldErrors(violation: Violation, place: Place | 'custom', path: readonly string[]): FieldError[] {
  const here = [...path, violation.property];
  const [rule, message] = Object.entries(violation.constraints ?? {})[0] ?? [];
  const own =
    rule === undefined ? [] : [{ pointer: pointerTo(place, here), ...describe(rule, message ?? '', violation) }];
  return [...own, ...(violation.children ?? []).flatMap((child) => fieldErrors(child, place, here))];
}

/** Names of the fields' rules in our words. */
const CODES: Readonly<Record<string, string>> = {
  min: 'range',
  max: 'range',
  minLength: 'length',
  maxLength: 'length',
  arrayMinSize: 'length',
  arrayMaxSize: 'length',
  isIn: 'enum',
  matches: 'format',
  isInstant: 'format',
  isPlainDate: 'format',
  isName: 'format',
};

function describe(rule: string, message: string, { value, target, property }: Violation): Omit<FieldError, 'pointer'> {
  if (rule === 'whitelistValidation') {
    const known = [...fieldsOf(Object.getPrototypeOf(target ?? {}) as object).keys()];
    return unknownField(known);
  }
  if (value === undefined) return { code: 'required', message: 'is required' };
  return {
    code: CODES[rule] ?? 'type',
    message: message.replace(`each value in ${property} `, 'each value ').replaceAll(`${property} `, '').trim(),
  };
}

function unknownField(known: readonly string[]): Omit<FieldError, 'pointer'> {
  return { code: 'unknown_field', message: `is not known here; accepted: ${known.join(', ') || 'nothing'}` };
}

export function pointerTo(place: Place | 'custom', path: readonly string[]): string {
  if (place === 'body') return path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return `${place === 'param' ? 'path' : place}:${path.join('.')}`;
}
