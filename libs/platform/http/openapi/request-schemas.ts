import type { OpenAPIObject } from '@nestjs/swagger';
import type { Schema } from './schema-example.ts';

const REFERENCE = /"#\/components\/schemas\/([^"]+)"/g;

/**
 * Unknown members of a body are refused (platform.md 8.0); the schemas of bodies say so, and those within them.
 * Defaults go into the descriptions: generators take a member with a `default` for one that is always there, and then
 * ask for it in requests.
 */
export function closeRequestSchemas({ paths }: OpenAPIObject, schemas: Record<string, Schema>): void {
  const bodies = Object.values(paths)
    .flatMap((item) => [item.post, item.put, item.patch, item.delete])
    .map((operation) => operation?.requestBody ?? {});
  const closed = new Set<string>();
  for (const names = namesIn(bodies); names.length > 0;) {
    const name = names.pop() ?? '';
    const schema = schemas[name];
    if (!schema || closed.has(name)) continue;
    closed.add(name);
    if (schema.properties) schema['additionalProperties'] ??= false;
    tellDefaults(schema);
    names.push(...namesIn(schema));
  }
}

function tellDefaults(schema: Schema): void {
  if (schema.default !== undefined) {
    const told = `Default: \`${JSON.stringify(schema.default)}\`.`;
    schema['description'] = schema['description'] === undefined ? told : `${String(schema['description'])} ${told}`;
    delete schema.default;
  }
  for (const part of [
    ...Object.values(schema.properties ?? {}),
    ...(schema.allOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.items ? [schema.items] : []),
  ])
    tellDefaults(part);
}

function namesIn(part: unknown): string[] {
  return [...JSON.stringify(part).matchAll(REFERENCE)].map(([, name]) => name ?? '');
}
