import { SetMetadata } from '@nestjs/common';

interface SentHeaderRule {
  description: string;
  /** JSON Schema of its value. */
  schema: { type: 'string' | 'integer'; format?: string };
  example: string | number;
  /** On every answer, on every answer to a known caller, or on answers that say so themselves. */
  on: 'all' | 'known' | 'some';
}

/**
 * Every header of ours that an answer can carry: what the OpenAPI document declares and what CORS lets a browser read.
 */
export const SENT_HEADERS = {
  'X-Request-Id': {
    on: 'all',
    description: 'Id of this request, as in problem documents, logs and the audit ledger.',
    schema: { type: 'string', format: 'uuid' },
    example: '018cc251-f400-7000-8000-0000000000ff',
  },
  'Alphaswarm-Version': {
    on: 'all',
    description: 'Behaviour epoch that answered.',
    schema: { type: 'string', format: 'date' },
    example: '2026-01-01',
  },
  'RateLimit-Policy': {
    on: 'known',
    description: 'Quota of the bucket that was charged: `"<bucket>";q=<requests>;w=<seconds>`.',
    schema: { type: 'string' },
    example: '"principal";q=600;w=60',
  },
  RateLimit: {
    on: 'known',
    description: 'What is left of it: `"<bucket>";r=<requests>;t=<seconds until full>`.',
    schema: { type: 'string' },
    example: '"principal";r=99;t=1',
  },
  'Retry-After': {
    on: 'some',
    description: 'Seconds to wait before the next try.',
    schema: { type: 'integer' },
    example: 1,
  },
  'WWW-Authenticate': {
    on: 'some',
    description: 'What the caller has to bring: a token, or a stronger authentication (RFC 6750, RFC 9470).',
    schema: { type: 'string' },
    example: 'Bearer realm="alphaswarm-core"',
  },
  Allow: { on: 'some', description: 'Methods of this path.', schema: { type: 'string' }, example: 'GET, POST' },
  Location: {
    on: 'some',
    description: 'Path of what was made, or of the job that makes it.',
    schema: { type: 'string' },
    example: '/jobs/018cc251-f400-7000-8000-0000000000aa',
  },
  ETag: {
    on: 'some',
    description: 'Version of the resource, for `If-Match`.',
    schema: { type: 'string' },
    example: '"1"',
  },
  'Alphaswarm-Audit-Status': {
    on: 'some',
    description: '`spooled` where the outcome of an effect outside waits to be written to the ledger.',
    schema: { type: 'string' },
    example: 'spooled',
  },
  'Idempotent-Replayed': {
    on: 'some',
    description: '`true` where this is the stored answer of an earlier request with the same key.',
    schema: { type: 'string' },
    example: 'true',
  },
  'X-Next-Cursor': {
    on: 'some',
    description: 'Cursor of the next page of a format that has no place for it; absent on the last page.',
    schema: { type: 'string' },
    example: 'eyJ2IjoxfQ',
  },
  'X-Off-Session-Bars': {
    on: 'some',
    description: 'Bars that the session filter left out of a format without warnings; absent when there are none.',
    schema: { type: 'integer' },
    example: 2,
  },
  'X-Query-Id': {
    on: 'some',
    description: 'Id of this read.',
    schema: { type: 'string', format: 'uuid' },
    example: '018cc251-f400-7000-8000-0000000000ff',
  },
  'X-Snapshot-Id': {
    on: 'some',
    description: 'Snapshot of the table that was read.',
    schema: { type: 'string' },
    example: '1',
  },
  'X-Schema-Id': { on: 'some', description: 'Schema of that snapshot.', schema: { type: 'string' }, example: '0' },
  'X-Event-Log-Hash': {
    on: 'some',
    description: 'Last link of the hash chain over the lines of the event log, SHA-256 in hex.',
    schema: { type: 'string' },
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  },
} as const satisfies Record<string, SentHeaderRule>;

export type SentHeader = keyof typeof SENT_HEADERS;

const SENDS = Symbol('sends');

/** Headers of the catalogue that the good answers of an operation carry; its documentation declares them. */
export function Sends(...headers: readonly SentHeader[]): MethodDecorator {
  return SetMetadata(SENDS, headers);
}

export function sendsOf(handler: object): readonly SentHeader[] {
  return (Reflect.getMetadata(SENDS, handler) as readonly SentHeader[] | undefined) ?? [];
}
