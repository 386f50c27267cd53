import type { z } from 'zod';
import { DomainError, ValidationError, type FieldError } from '#kernel';

const SHOWN = 50;

export function pointerOf(base: string, path: readonly PropertyKey[]): string {
  return base + path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function fieldErrors(issue: z.core.$ZodIssue, base: string): FieldError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      pointer: pointerOf(base, [...issue.path, key]),
      code: 'unknown_key',
      message: 'there is no such key here',
    }));
  const custom =
    issue.code === 'custom' && typeof issue.params?.['code'] === 'string' ? issue.params['code'] : issue.code;
  return [{ pointer: pointerOf(base, issue.path), code: custom, message: issue.message.slice(0, 300) }];
}

/**
 * The refusal for a document that its schema does not accept: an unknown key is `validation_failed` wherever it stands;
 * other faults are `code`, which for the kwargs of a component is `invalid_component_params`.
 */
export function refusal(
  error: z.ZodError,
  base: string,
  code: 'validation_failed' | 'invalid_component_params',
): DomainError {
  const unknownKeys = error.issues.filter((issue) => issue.code === 'unrecognized_keys');
  const shown = (unknownKeys.length > 0 ? unknownKeys : error.issues)
    .flatMap((issue) => fieldErrors(issue, base))
    .slice(0, SHOWN);
  if (unknownKeys.length > 0 || code === 'validation_failed')
    return new ValidationError(shown, 'The recipe is well-formed, but some of it is not accepted.');
  return new DomainError(422, code, {
    detail: `The parameters at ${base} are not accepted.`,
    errors: shown,
    hint: 'GET /strategies/browse/catalog shows the JSON Schema of every component.',
  });
}
