/** The parts of a JSON Schema that an example is made of. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  example?: unknown;
  default?: unknown;
  enum?: unknown[];
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  [keyword: string]: unknown;
}

/**
 * An example value assembled from the examples of the properties, without those that may be left out and show none;
 * undefined where the schema says too little.
 */
export function exampleOf(schema: Schema | undefined, schemas: Readonly<Record<string, Schema>>, depth = 0): unknown {
  if (schema === undefined || depth > 8) return undefined;
  if (schema.$ref) return exampleOf(schemas[schema.$ref.split('/').at(-1) ?? ''], schemas, depth + 1);
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const union = schema.oneOf ?? schema.anyOf;
  if (union) return exampleOf(union[0], schemas, depth + 1);
  if (schema.allOf) return merged(schema.allOf.map((part) => exampleOf(part, schemas, depth + 1)));
  if (schema.items) {
    const item = exampleOf(schema.items, schemas, depth + 1);
    return item === undefined ? [] : [item];
  }
  if (schema.properties) {
    const shown = Object.entries(schema.properties).filter(
      ([name, property]) =>
        schema.required?.includes(name) ||
        property.example !== undefined ||
        property.$ref !== undefined ||
        property.allOf !== undefined,
    );
    const members = shown.map(([name, property]) => [name, exampleOf(property, schemas, depth + 1)] as const);
    return Object.fromEntries(members.filter(([, value]) => value !== undefined));
  }
  return scalar(schema);
}

function merged(parts: unknown[]): unknown {
  return parts.every((part) => typeof part === 'object' && part !== null)
    ? (Object.assign({}, ...parts) as unknown)
    : parts[0];
}

function scalar({ type }: Schema): unknown {
  const name = Array.isArray(type) ? type[0] : type;
  const samples: Readonly<Record<string, unknown>> = {
    string: 'text',
    integer: 1,
    number: 0.5,
    boolean: false,
    object: {},
    null: null,
  };
  return name === undefined ? undefined : samples[name];
}
