import type { OpenAPIObject } from '@nestjs/swagger';
import type { Schema } from './schema-example.ts';

const REFERENCE = /"#\/components\/schemas\/([^"]+)"/g;

/** Unknown members of a body are refused (platform.md 8.0); the schemas of bodies say so, and those within them. */
export function closeRequestSchemas({ paths }: OpenAPIObject, schemas: Record<string, Schema>): void {
  const bodies = Object.values(paths).flatMap((item) => [item.post, item.put, item.patch, item.delete]).map((operation) => operation?.requestBody ?? {});
  const closed = new Set<string>();
  for (const names = namesIn(bodies); names.length > 0;) {
    const name = names.pop() ?? '';
    const schema = schemas[name];
    if (!schema || closed.has(name)) continue;
    closed.add(name);
    if (schema.properties) schema['additionalProperties'] ??= false;
    names.push(...namesIn(schema));
  }
}

function namesIn(part: unknown): string[] {
  return [...JSON.stringify(part).matchAll(REFERENCE)].map(([, name]) => name ?? '');
}
