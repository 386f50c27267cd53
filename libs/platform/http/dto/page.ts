import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath } from '@nestjs/swagger';
import { IntegerField, TextField } from './fields.ts';

/** One page of a list (platform.md 8.0). */
export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

/** Query of every list; an area's own query DTO extends it with its filters. */
export class PageQuery {
  @IntegerField({ min: 1, max: 200, optional: true, example: 50, description: 'Rows per page.' })
  limit = 50;

  @TextField({
    max: 2_000,
    optional: true,
    example: undefined,
    description: '`next_cursor` of the page before; valid for 24 hours with the same filters.',
  })
  cursor?: string;
}

/** Documents a 200 page of `Item`, and the media types that give all rows as text instead, with an example each. */
export function ApiPage(Item: Type<unknown>, texts: Readonly<Record<string, string>> = {}): MethodDecorator {
  const page = {
    type: 'object',
    required: ['data', 'next_cursor'],
    properties: {
      data: { type: 'array', items: { $ref: getSchemaPath(Item) } },
      next_cursor: { type: ['string', 'null'], example: null },
    },
  };
  const content = Object.fromEntries(
    Object.entries(texts).map(([type, example]) => [type, { schema: { type: 'string' }, example }]),
  );
  return applyDecorators(
    ApiExtraModels(Item),
    ApiOkResponse({
      description: 'One page, and the cursor of the next.',
      content: { 'application/json': { schema: page }, ...content },
    }),
  );
}
