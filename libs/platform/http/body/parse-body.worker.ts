import { DomainError, hashCanonical } from '#kernel';
import { parseJson } from './json-text.ts';
import { type ParseResult, type ParseTask, splitInline } from './split-inline.ts';

/** Parses, checks and hashes a body; in a thread where it is large, so that the event loop does none of it. */
export default function parseBody({ bytes, maxItems, inline, hash }: ParseTask): ParseResult {
  try {
    const { value, errors } = parseJson(bytes, maxItems);
    // What is refused anyway need not cross over.
    if (errors.length > 0) return { value: undefined, errors, sha256: '' };
    const sha256 = hash ? hashCanonical(value) : '';
    return inline ? { ...splitInline(value, errors), sha256 } : { value, errors, sha256 };
  } catch (error) {
    // Only data crosses the thread boundary whole, so a refusal travels as data.
    if (error instanceof DomainError)
      return { refusal: { status: error.status, code: error.code, detail: error.message } };
    throw error;
  }
}
