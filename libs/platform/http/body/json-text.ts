import { DomainError, type FieldError } from '#kernel';

/** Deepest nesting of a body; `[]` has depth 1. */
const MAX_DEPTH = 32;
const MAX_ERRORS = 20;
/** Members of one object; what has more is no document of ours and would cost the event loop. */
const MAX_MEMBERS = 10_000;
/** Keys that reach into prototypes when an object is copied. */
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor']);

export interface ParsedJson {
  value: unknown;
  /** What is well-formed but never accepted: it becomes 422 after authentication. */
  errors: FieldError[];
}

/**
 * RFC 8259 text, stricter where the standard leaves room: valid UTF-8, no duplicate keys, at most 32 deep (400
 * `malformed_request`). Strings with NUL or lone surrogates, arrays over `maxItems`, objects over 10,000 members and
 * numbers beyond a double are reported, not thrown.
 */
export function parseJson(bytes: Uint8Array, maxItems: number): ParsedJson {
  const text = decode(bytes);
  const { depth, members } = measure(text);
  if (depth > MAX_DEPTH) throw malformed(`The body is nested deeper than ${MAX_DEPTH}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('The body is not valid JSON.');
  }
  const walk = new Walk(maxItems);
  walk.visit(value, '');
  // Of two members with one name the parser keeps the last, so the counts differ exactly when a name comes twice.
  if (walk.members !== members) throw malformed('An object in the body has the same key twice.');
  return { value, errors: walk.errors };
}

function malformed(detail: string): DomainError {
  return new DomainError(400, 'malformed_request', { detail });
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw malformed('The body is not valid UTF-8.');
  }
}

const QUOTE = 0x22,
  BACKSLASH = 0x5c,
  COLON = 0x3a,
  OPEN_ARRAY = 0x5b,
  CLOSE_ARRAY = 0x5d,
  OPEN_OBJECT = 0x7b,
  CLOSE_OBJECT = 0x7d;

/** Greatest depth, and colons outside of strings, which in valid JSON are the members of all objects. */
function measure(text: string): { depth: number; members: number } {
  let depth = 0,
    deepest = 0,
    members = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) i = endOfString(text, i);
    else if (char === COLON) members++;
    else if (char === OPEN_ARRAY || char === OPEN_OBJECT) deepest = Math.max(deepest, ++depth);
    else if (char === CLOSE_ARRAY || char === CLOSE_OBJECT) depth--;
  }
  return { depth: deepest, members };
}

/** Index of the closing quote of the string that opens at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) return i;
    if (char === BACKSLASH) i++;
  }
  return text.length;
}

/** Counts members and collects what no route accepts. Depth is bounded before, so recursion is safe. */
class Walk {
  members = 0;
  readonly errors: FieldError[] = [];
  readonly #maxItems: number;

  constructor(maxItems: number) {
    this.#maxItems = maxItems;
  }

  visit(value: unknown, pointer: string): void {
    if (typeof value === 'string') {
      const error = textError(value);
      if (error) this.#report(pointer, 'format', error);
    } else if (typeof value === 'number') {
      if (!Number.isFinite(value)) this.#report(pointer, 'range', 'must be a finite number');
    } else if (Array.isArray(value)) {
      if (value.length > this.#maxItems) this.#report(pointer, 'length', `must have at most ${this.#maxItems} items`);
      for (let i = 0; i < value.length; i++) this.visit(value[i], `${pointer}/${i}`);
    } else if (typeof value === 'object' && value !== null) {
      this.#visitMembers(value as Record<string, unknown>, pointer);
    }
  }

  #visitMembers(object: Record<string, unknown>, pointer: string): void {
    const names = Object.keys(object);
    if (names.length > MAX_MEMBERS) this.#report(pointer, 'length', `must have at most ${MAX_MEMBERS} members`);
    for (const name of names) {
      this.members++;
      const escaped =
        name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;
      const at = `${pointer}/${escaped}`;
      if (UNSAFE_KEYS.has(name)) this.#report(at, 'unknown_field', 'is never a member name here');
      else if (textError(name)) this.#report(pointer, 'format', 'has a member name with NUL or a lone surrogate');
      this.visit(object[name], at);
    }
  }

  #report(pointer: string, code: string, message: string): void {
    if (this.errors.length < MAX_ERRORS)
      this.errors.push({ pointer: pointer.toWellFormed().replaceAll('\0', '\uFFFD'), code, message });
  }
}

/** What makes a text unfit to be stored, or null. */
export function textError(text: string): string | null {
  if (text.includes('\0')) return 'must not contain NUL';
  return text.isWellFormed() ? null : 'must not contain lone surrogates';
}
