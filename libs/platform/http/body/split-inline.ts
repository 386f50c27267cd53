import { hashCanonical, type FieldError } from '#kernel';
import { type InlineColumns, columnsOf } from './inline-bars.ts';

export interface ParseTask {
  bytes: Uint8Array;
  maxItems: number;
  /** Take `data.inline` out of the body as columns. */
  inline: boolean;
  /** The canonical hash of the whole is wanted. It takes as long as all the rest. */
  hash: boolean;
}

export type ParseResult =
  | { value: unknown; errors: FieldError[]; sha256: string; columns?: InlineColumns }
  | { refusal: { status: number; code: string; detail: string } };

/** Takes `data.inline` out of `value`. What is no array stays where it is, for the DTO to refuse. */
export function splitInline(
  value: unknown,
  errors: FieldError[],
): { value: unknown; errors: FieldError[]; columns?: InlineColumns } {
  const data = isObject(value) ? value['data'] : undefined;
  if (!isObject(value) || !isObject(data) || !Array.isArray(data['inline'])) return { value, errors };
  const { inline, ...rest } = data;
  const read = columnsOf(inline as unknown[], '/data/inline', hashCanonical(inline));
  return { value: { ...value, data: rest }, errors: read.errors, columns: read.columns };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
