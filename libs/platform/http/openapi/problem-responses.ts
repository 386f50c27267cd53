import { ERROR_CATALOGUE, titleOf } from '../errors/error-catalogue.ts';
import { PROBLEM_TYPE } from '../errors/problem.ts';
import type { SentHeader } from '../headers/sent-headers.ts';
import { headersOf } from './response-headers.ts';
import type { Schema } from './schema-example.ts';

const EXAMPLE_ID = '018cc251-f400-7000-8000-0000000000ff';

/** What refusals of a status carry beside the headers of every answer. */
const HEADERS: Readonly<Record<number, readonly SentHeader[]>> = {
  401: ['WWW-Authenticate'],
  405: ['Allow'],
  409: ['Retry-After'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/**
 * The code that stands for each status in the documentation; further codes of a status are listed in its description.
 */
const HEADLINE: Readonly<Record<number, string>> = {
  400: 'malformed_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  409: 'conflict',
  410: 'snapshot_expired',
  412: 'version_mismatch',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  422: 'validation_failed',
  423: 'kill_switch_engaged',
  428: 'idempotency_key_required',
  429: 'rate_limited',
  501: 'not_implemented',
  503: 'audit_unavailable',
};

export const PROBLEM_SCHEMA: Schema = {
  type: 'object',
  description: 'RFC 9457 problem document.',
  required: ['type', 'title', 'status', 'code', 'detail', 'instance', 'request_id'],
  properties: {
    type: { type: 'string', description: '`urn:alphaswarm:error:<code>`', example: 'urn:alphaswarm:error:not_found' },
    title: { type: 'string', description: 'Fixed per code.', example: 'Not found' },
    status: { type: 'integer', example: 404 },
    code: { type: 'string', description: 'Stable; see the error catalogue.', example: 'not_found' },
    detail: { type: 'string', example: 'There is no such resource.' },
    instance: { type: 'string', description: '`urn:uuid:<request_id>`', example: `urn:uuid:${EXAMPLE_ID}` },
    request_id: { type: 'string', format: 'uuid', example: EXAMPLE_ID },
    errors: {
      type: 'array',
      description:
        'With 400 and 422: one entry per wrong field. `pointer` is a JSON pointer into the body, or `query:`, ' +
        '`path:`, `header:` and a name.',
      items: {
        type: 'object',
        required: ['pointer', 'code', 'message'],
        properties: {
          pointer: { type: 'string', example: '/name' },
          code: { type: 'string', example: 'required' },
          message: { type: 'string', example: 'is required' },
        },
      },
    },
    hint: { type: 'string', example: 'What to do next.' },
  },
  additionalProperties: true,
};

/** `components.responses` for every status we refuse with, named `Problem<status>`. */
export function problemResponses(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(HEADLINE).map(([status, code]) => [`Problem${status}`, problemResponse(Number(status), code)]),
  );
}

function problemResponse(status: number, headline: string): object {
  const codes = Object.keys(ERROR_CATALOGUE).filter((code) => ERROR_CATALOGUE[code]?.[0] === status);
  const example = {
    type: `urn:alphaswarm:error:${headline}`,
    title: titleOf(headline),
    status,
    code: headline,
    detail: ERROR_CATALOGUE[headline]?.[1] ?? titleOf(headline),
    instance: `urn:uuid:${EXAMPLE_ID}`,
    request_id: EXAMPLE_ID,
    ...(status === 422 ? { errors: [{ pointer: '/name', code: 'required', message: 'is required' }] } : {}),
  };
  return {
    description: `${titleOf(headline)}. Codes of this status: ${codes.map((code) => `\`${code}\``).join(', ')}.`,
    headers: headersOf(false, HEADERS[status] ?? []),
    content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' }, example } },
  };
}
