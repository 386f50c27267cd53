import { judgeKey, mayBeSecretName } from './key-rule.ts';
import { TRUNCATED, isMarkerAt, markerOf } from './markers.ts';

const EQUALS = 0x3d;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const SHORTEST_NAME = 2;
const LONGEST_NAME = 80;

/** ASCII characters of a name, and those that end an unquoted value. */
const NAME_CHARACTER = flags(/[A-Za-z0-9_.-]/);
const VALUE_END = flags(/[\s&;,"'<>)\]}]/);
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![A-Za-z0-9_.])/y;
const CUT_OFF = /^(?:\[REDACTED\]\\*)?\[TRUNCATED\]$/;

interface Masked {
  /** What is replaced: [start, end). */
  start: number;
  end: number;
  replacement: string;
}

/**
 * Masks the value of `name=value` and of `"name": "value"` (quotes may be backslash-escaped) where the key rule catches
 * the name. One pass: a name is looked for backwards from its `=` or `:` (80 characters at most), a value forwards, and
 * what was masked is not looked at again.
 */
export function maskNamedValues(text: string): string {
  let output = '';
  let copied = 0;
  for (let index = 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code !== EQUALS && code !== COLON) continue;
    const found = code === EQUALS ? assignment(text, index, copied) : member(text, index, copied);
    if (!found) continue;
    output += text.slice(copied, found.start) + found.replacement;
    copied = found.end;
    index = Math.max(index, found.end - 1);
  }
  return copied === 0 ? text : output + text.slice(copied);
}

/** `name=value` with its `=` at `index`. */
function assignment(text: string, index: number, floor: number): Masked | undefined {
  if (!mayBeSecretName(text, floor, index)) return undefined;
  const start = nameStart(text, index, floor);
  if (!isSecretName(text, start, index)) return undefined;
  return quotedValue(text, index + 1) ?? bareValue(text, index + 1);
}

/** `"name": value` with its `:` at `index`. */
function member(text: string, index: number, floor: number): Masked | undefined {
  let end = index - 1;
  while (end > floor && isJsonSpace(text.charCodeAt(end))) end--;
  const quote = text.charCodeAt(end);
  if (!isQuote(quote)) return undefined;
  while (end > floor && text.charCodeAt(end - 1) === BACKSLASH) end--;
  if (!mayBeSecretName(text, floor, end)) return undefined;
  const start = nameStart(text, end, floor);
  if (!isSecretName(text, start, end)) return undefined;
  let value = index + 1;
  while (isJsonSpace(text.charCodeAt(value))) value++;
  return quotedValue(text, value) ?? numericValue(text, value, text.slice(start, end), quoteMark(text, end));
}

function nameStart(text: string, end: number, floor: number): number {
  const lowest = Math.max(floor, end - LONGEST_NAME);
  let start = end;
  while (start > lowest && NAME_CHARACTER[text.charCodeAt(start - 1)] === 1) start--;
  return start;
}

function isSecretName(text: string, start: number, end: number): boolean {
  return end - start >= SHORTEST_NAME && judgeKey(text.slice(start, end)) !== 'open';
}

/**
 * A string in quotes that have the same number of backslashes in front; one without an end reaches to the end of the
 * text.
 */
function quotedValue(text: string, index: number): Masked | undefined {
  let open = index;
  while (text.charCodeAt(open) === BACKSLASH) open++;
  const quote = text.charCodeAt(open);
  if (!isQuote(quote)) return undefined;
  const escapes = open - index;
  const start = open + 1;
  const end = closingQuote(text, start, quote, escapes);
  const content = text.slice(start, end);
  // What was cut off after masking stays as it is.
  return { start, end, replacement: CUT_OFF.test(content) ? content : markerOf(content) };
}

/** Index where the value's content ends: before the closing quote and its backslashes. */
function closingQuote(text: string, start: number, quote: number, escapes: number): number {
  let backslashes = 0;
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === BACKSLASH) {
      backslashes++;
      continue;
    }
    // With k backslashes before the opening quote, an inner quote is one that has 2k+1 of them, modulo 2(k+1).
    if (code === quote && backslashes % (2 * (escapes + 1)) !== 2 * escapes + 1)
      return index - Math.min(backslashes, escapes);
    backslashes = 0;
  }
  return text.length;
}

/** The run up to white space or a delimiter; markers belong to it as a whole, backslashes before a quote do not. */
function bareValue(text: string, start: number): Masked | undefined {
  let end = start;
  while (end < text.length) {
    if (text.charCodeAt(end) === OPENING_BRACKET && isMarkerAt(text, end)) end = text.indexOf(']', end) + 1;
    else if (endsValue(text.charCodeAt(end))) break;
    else end++;
  }
  if (isQuote(text.charCodeAt(end))) while (end > start && text.charCodeAt(end - 1) === BACKSLASH) end--;
  if (end === start) return undefined;
  const cutOff = text.endsWith(TRUNCATED, end);
  if (!cutOff) return { start, end, replacement: markerOf(text.slice(start, end)) };
  return {
    start,
    end,
    replacement:
      end - start === TRUNCATED.length ? TRUNCATED : markerOf(text.slice(start, end - TRUNCATED.length)) + TRUNCATED,
  };
}

function isQuote(code: number): boolean {
  return code === DOUBLE_QUOTE || code === SINGLE_QUOTE;
}

/** A bare JSON number becomes a string, as under the key rule; `"token": 12` stays. */
function numericValue(text: string, start: number, name: string, quote: string): Masked | undefined {
  if (judgeKey(name) === 'token') return undefined;
  NUMBER.lastIndex = start;
  const number = NUMBER.exec(text);
  return number
    ? { start, end: start + number[0].length, replacement: quote + markerOf(number[0]) + quote }
    : undefined;
}

/** The quote at `index` with the backslashes in front of it. */
function quoteMark(text: string, index: number): string {
  let end = index;
  while (text.charCodeAt(end) === BACKSLASH) end++;
  return text.slice(index, end + 1);
}

function isJsonSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

function endsValue(code: number): boolean {
  return code < 128 ? VALUE_END[code] === 1 : /\s/.test(String.fromCharCode(code));
}

function flags(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, code) => (pattern.test(String.fromCharCode(code)) ? 1 : 0));
}
