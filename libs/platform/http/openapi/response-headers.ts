import type { OpenAPIObject } from '@nestjs/swagger';
import { SENT_HEADERS, type SentHeader } from '../headers/sent-headers.ts';

type HeaderObjects = NonNullable<NonNullable<OpenAPIObject['components']>['headers']>;
type References = Record<string, { $ref: string }>;

const NAMES = Object.keys(SENT_HEADERS) as SentHeader[];

/** `components.headers`: one declaration a header. */
export function headerComponents(): HeaderObjects {
  return Object.fromEntries(
    NAMES.map((name) => {
      const { description, schema, example } = SENT_HEADERS[name];
      return [name, { description, schema, example }];
    }),
  );
}

/** Headers of a response: those of every answer, those of answers to a known caller, and `more`. */
export function headersOf(known: boolean, more: readonly SentHeader[]): References {
  const carried = NAMES.filter(
    (name) => SENT_HEADERS[name].on === 'all' || (known && SENT_HEADERS[name].on === 'known') || more.includes(name),
  );
  return Object.fromEntries(carried.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
