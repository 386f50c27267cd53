import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { type FieldKind, type FieldRule, registerField } from './field-metadata.ts';
import { IsInstant, IsName, IsPlainDate } from './text-rules.ts';

export interface FieldOptions {
  description?: string;
  example?: unknown;
  /** The member may be absent. In responses: it may be left out. */
  optional?: boolean;
  /** The member may be null. */
  nullable?: boolean;
  /** The member is an array of such values, by default of at most 10,000. */
  each?: boolean | { min?: number; max?: number };
}

export interface TextOptions extends FieldOptions {
  /** Lengths in UTF-16 code units; `min` is 1 unless stated. */
  min?: number;
  max?: number;
  pattern?: RegExp;
  /** A name or slug: blank text, control characters and bidirectional controls are refused. */
  name?: boolean;
}

export interface RangeOptions extends FieldOptions {
  min?: number;
  max?: number;
}

const MAX_ITEMS = 10_000;
export const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function TextField({ min = 1, max = 4_000, pattern, name, ...options }: TextOptions = {}): PropertyDecorator {
  const rules: Rule[] = [IsString, (each) => MinLength(min, each), (each) => MaxLength(max, each)];
  if (pattern) rules.push((each) => Matches(pattern, each));
  if (name) rules.push((each) => IsName(each));
  return field(
    'text',
    options,
    rules,
    { type: 'string', minLength: min, maxLength: max, ...(pattern ? { pattern: pattern.source } : {}) },
    'text',
  );
}

/** A UUID; upper case is accepted and normalised. */
export function UuidField(options: FieldOptions = {}): PropertyDecorator {
  const schema = { type: 'string', format: 'uuid' } as const;
  return field(
    'uuid',
    options,
    [(each) => Matches(UUID_PATTERN, { ...each, message: '$property must be a UUID' })],
    schema,
    '018cc251-f400-7000-8000-0000000000aa',
  );
}

export function IntegerField({
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
  ...options
}: RangeOptions = {}): PropertyDecorator {
  return field(
    'integer',
    options,
    [IsInt, (each) => Min(min, each), (each) => Max(max, each)],
    { type: 'integer', minimum: min, maximum: max },
    Math.max(min, 1),
  );
}

/** A finite JSON number. */
export function NumberField({ min, max, ...options }: RangeOptions = {}): PropertyDecorator {
  const rules: Rule[] = [(each) => IsNumber({ allowNaN: false, allowInfinity: false }, each)];
  if (min !== undefined) rules.push((each) => Min(min, each));
  if (max !== undefined) rules.push((each) => Max(max, each));
  return field(
    'number',
    options,
    rules,
    { type: 'number', ...(min === undefined ? {} : { minimum: min }), ...(max === undefined ? {} : { maximum: max }) },
    min ?? 0.5,
  );
}

export function BooleanField(options: FieldOptions = {}): PropertyDecorator {
  return field('boolean', options, [IsBoolean], { type: 'boolean' }, false);
}

export function EnumField(values: readonly (string | number)[], options: FieldOptions = {}): PropertyDecorator {
  const type = typeof values[0] === 'number' ? 'integer' : 'string';
  return field(
    type === 'integer' ? 'integer' : 'enum',
    options,
    [(each) => IsIn([...values], each)],
    { type, enum: [...values] },
    values[0],
  );
}

/** RFC 3339 with an offset. Responses always carry `Z`. */
export function InstantField(options: FieldOptions = {}): PropertyDecorator {
  return field(
    'instant',
    options,
    [(each) => IsInstant(each)],
    { type: 'string', format: 'date-time' },
    '2026-01-02T03:04:05Z',
  );
}

export function DateField(options: FieldOptions = {}): PropertyDecorator {
  return field('date', options, [(each) => IsPlainDate(each)], { type: 'string', format: 'date' }, '2026-01-02');
}

/** A free JSON object whose inside another schema checks. */
export function ObjectField(options: FieldOptions & { schema?: Record<string, unknown> } = {}): PropertyDecorator {
  const { schema, ...rest } = options;
  return field(
    'object',
    rest,
    [IsObject],
    { type: 'object', additionalProperties: true, ...schema } as ApiPropertyOptions,
    {},
  );
}

/** Another DTO class. */
export function NestedField(type: () => new () => object, options: FieldOptions = {}): PropertyDecorator {
  const rules: Rule[] = [(each) => IsObject(each), (each) => ValidateNested(each)];
  // Swagger takes a function for a lazy type only when its name is "type".
  return field('nested', options, rules, { type: () => type() }, undefined, type);
}

interface Each {
  each?: boolean;
}
type Rule = (options?: Each) => PropertyDecorator;

function field(
  kind: FieldKind,
  options: FieldOptions,
  rules: readonly Rule[],
  schema: ApiPropertyOptions,
  sample: unknown,
  nested?: FieldRule['nested'],
): PropertyDecorator {
  const { description, optional = false, nullable = false, each } = options;
  const list = each !== undefined && each !== false;
  const size = typeof each === 'object' ? each : {};
  // What may be left out is left out of examples, too, unless its declaration shows it.
  const example = options.example ?? (optional ? undefined : list && sample !== undefined ? [sample] : sample);
  const documented = {
    ...schema,
    description,
    required: !optional,
    nullable,
    isArray: list,
    ...(example === undefined ? {} : { example }),
  } as ApiPropertyOptions;
  if (list) Object.assign(documented, { minItems: size.min ?? 0, maxItems: size.max ?? MAX_ITEMS });
  const decorators: PropertyDecorator[] = [
    ApiProperty(documented),
    ...rules.map((rule) => rule(list ? { each: true } : undefined)),
  ];
  if (list) decorators.push(IsArray(), ArrayMinSize(size.min ?? 0), ArrayMaxSize(size.max ?? MAX_ITEMS));
  if (optional || nullable)
    decorators.push(ValidateIf((_, value) => !((optional && value === undefined) || (nullable && value === null))));
  decorators.push((target, property) => registerField(target, String(property), { kind, list, nested }));
  return applyDecorators(...decorators);
}
