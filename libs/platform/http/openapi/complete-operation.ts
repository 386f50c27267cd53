import type { OpenAPIObject } from '@nestjs/swagger';
import { bodyRuleOf } from '../body/body-rules.ts';
import { ERROR_CATALOGUE } from '../errors/error-catalogue.ts';
import { auditedOf } from '../mutation/audited.ts';
import { NO_KEYS } from '../mutation/idempotency-key.ts';
import { ifMatchOf } from '../reply.ts';
import type { Route } from '../declared-routes.ts';
import { sendsOf, type SentHeader } from '../headers/sent-headers.ts';
import { refusesOf } from './refuses.ts';
import { headersOf } from './response-headers.ts';
import { type Schema, exampleOf } from './schema-example.ts';

export type OperationObject = NonNullable<OpenAPIObject['paths'][string]['get']>;
type ParameterObject = Exclude<NonNullable<OperationObject['parameters']>[number], { $ref: string }>;

interface Completion {
  operation: OperationObject;
  method: string;
  path: string;
  route: Route | undefined;
  schemas: Record<string, Schema>;
}

const EXAMPLE_ID = '018cc251-f400-7000-8000-0000000000aa';
/** What path parameters that are no ids look like. */
const PATH_EXAMPLES: Readonly<Record<string, unknown>> = {
  chain: `org:${EXAMPLE_ID}`,
  exchange: 'NYSE',
  kind: 'equity',
  vt_symbol: 'SPX.CBOE',
  v: '1',
  version: '1',
};

/** Adds to one operation what the conventions of platform.md 8.0 say of every such operation. */
export function completeOperation(completion: Completion): void {
  const { operation, path } = completion;
  operation.tags ??= [path.split('/')[1] || 'service'];
  // Said of public routes, too: nothing is forgotten here.
  operation.security ??= [];
  operation.description ||= describe(completion);
  documentHeaders(completion);
  documentParameters(operation);
  documentExamples(completion);
  documentSentHeaders(completion);
  for (const status of refusals(completion))
    operation.responses[String(status)] ??= { $ref: `#/components/responses/Problem${status}` };
}

function describe({ operation, route }: Completion): string {
  const permission = (operation as OperationObject & { 'x-permission'?: string })['x-permission'];
  const refuses = route ? refusesOf(route.handler) : [];
  return [
    `${operation.summary ?? operation.operationId ?? ''}.`,
    ...(permission === undefined ? [] : [`Needs \`${permission}\`.`]),
    ...(refuses.length === 0 ? [] : [`May refuse with ${refuses.map((code) => `\`${code}\``).join(', ')}.`]),
  ].join(' ');
}

/** Keys are honoured on every POST but a few (platform.md 8.0). */
function takesKey({ method, path, operation }: Completion): boolean {
  return method === 'post' && !NO_KEYS.test(path) && (operation.security?.length ?? 0) > 0;
}

function documentHeaders(completion: Completion): void {
  const { operation, route } = completion;
  const parameters = (operation.parameters ??= []);
  const audited = route && auditedOf(route.handler);
  const ifMatch = route && ifMatchOf(route.controller.prototype, route.property);
  if (takesKey(completion)) {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: audited?.idempotencyRequired ?? false,
      schema: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' },
      description: 'A repeated request with the same key and body is answered with the first answer.',
      example: 'a3f1c2d4',
    });
  }
  if (ifMatch) {
    parameters.push({
      name: 'If-Match',
      in: 'header',
      required: ifMatch === 'required',
      schema: { type: 'string' },
      description: 'The ETag that was read.',
      example: '"1"',
    });
  }
}

/** Headers of the good answers; those of refusals stand with the responses that all operations share. */
function documentSentHeaders(completion: Completion): void {
  const { operation, route } = completion;
  const own = route ? sendsOf(route.handler) : [];
  const keyed: readonly SentHeader[] = takesKey(completion) ? ['Idempotent-Replayed'] : [];
  const headers = headersOf((operation.security?.length ?? 0) > 0, [...own, ...keyed]);
  for (const response of Object.values(operation.responses))
    if (response && !('$ref' in response)) response.headers = { ...response.headers, ...headers };
}

function documentParameters(operation: OperationObject): void {
  for (const parameter of operation.parameters ?? []) {
    if ('$ref' in parameter) continue;
    const schema = (parameter.schema ?? {}) as Schema;
    if (parameter.in === 'path' && schema.format === undefined && /^(id|.*_id)$/.test(parameter.name)) {
      Object.assign(parameter, { schema: { ...schema, type: 'string', format: 'uuid' }, example: EXAMPLE_ID });
    }
    if (parameter.example === undefined && (parameter.required || schema.example !== undefined))
      exampleOfParameter(parameter, schema);
  }
}

function exampleOfParameter(parameter: ParameterObject, schema: Schema): void {
  const example =
    parameter.in === 'path' ? (PATH_EXAMPLES[parameter.name] ?? exampleOf(schema, {})) : exampleOf(schema, {});
  if (example !== undefined) parameter.example = example;
}

function documentExamples({ operation, schemas }: Completion): void {
  const bodies = [operation.requestBody, ...Object.values(operation.responses)];
  for (const body of bodies) {
    if (!body || '$ref' in body) continue;
    for (const media of Object.values(body.content ?? {})) {
      if (media.example !== undefined || media.examples !== undefined) continue;
      const example = exampleOf(media.schema as Schema, schemas);
      if (example !== undefined) media.example = example;
    }
  }
}

/** Statuses that follow from what the operation is. */
function refusals(completion: Completion): number[] {
  const { operation, path, route } = completion;
  const statuses = new Set<number>([400, 406, 429, 503]);
  const audited = route && auditedOf(route.handler);
  // A scope header can name something unknown on every route that knows its caller.
  if (operation.security?.length) [401, 403, 404].forEach((status) => statuses.add(status));
  if (path.includes('{')) statuses.add(404);
  if (operation.parameters?.length || operation.requestBody) statuses.add(422);
  if (operation.requestBody || (route && bodyRuleOf(route.handler).kind !== 'json'))
    [413, 415].forEach((status) => statuses.add(status));
  if (takesKey(completion)) statuses.add(409);
  if (audited?.starts) statuses.add(423);
  if (audited?.idempotencyRequired) statuses.add(428);
  const ifMatch = route && ifMatchOf(route.controller.prototype, route.property);
  if (ifMatch) statuses.add(412);
  if (ifMatch === 'required') statuses.add(428);
  for (const code of route ? refusesOf(route.handler) : []) statuses.add(ERROR_CATALOGUE[code]?.[0] ?? 500);
  return [...statuses].sort((a, b) => a - b);
}
