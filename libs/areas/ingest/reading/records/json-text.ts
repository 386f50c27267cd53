import { lineTooLong, MAX_LINE_BYTES, parseError } from './source-record.ts';

/** A part of a JSON text that is one row, and the physical line on which it begins. */
export interface Element {
  line: number;
  raw: string;
}

/** Non-empty lines. */
export async function* jsonLines(text: AsyncIterable<string>): AsyncGenerator<Element> {
  let rest = '';
  let line = 0;
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    if (rest.length > MAX_LINE_BYTES) throw lineTooLong(line + lines.length + 1);
    for (const raw of lines) {
      line++;
      if (raw.length > MAX_LINE_BYTES) throw lineTooLong(line);
      if (raw.trim() !== '') yield { line, raw: raw.replace(/\r$/, '') };
    }
  }
  if (rest.trim() !== '') yield { line: line + 1, raw: rest };
}

/**
 * Elements of an array, or members of an object as `"key": value`, by counting brackets outside of strings, so that a
 * large file is never one value in memory. `within`: a text follows after the end, and the first line has this number.
 */
export async function* jsonElements(
  text: AsyncIterable<string>,
  open: '[' | '{',
  within: number | null = null,
): AsyncGenerator<Element> {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let line = within ?? 1;
  let column = 0;
  let startLine = line;
  let element = '';
  let ended = false;
  for await (const chunk of text) {
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const char = chunk[i]!;
      column++;
      if (char === '\n') {
        line++;
        column = 0;
      }
      if (inString) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inString = false;
        continue;
      }
      if (char === '"') inString = true;
      else if (char === '[' || char === '{') {
        depth++;
        if (depth === 1) {
          if (char !== open || ended)
            throw parseError(line, 'one JSON array, or one object that holds it, is expected.', column);
          from = i + 1;
          startLine = line;
        }
      } else if (char === ']' || char === '}') {
        depth--;
        if (depth < 0) throw parseError(line, `unexpected ${char}.`, column);
        ended = depth === 0;
      }
      if ((char === ',' && depth === 1) || ended) {
        if (depth === 0 && from > i) continue;
        element += chunk.slice(from, i);
        if (element.trim() !== '') yield { line: startLine + leadingBreaks(element), raw: element.trim() };
        element = '';
        from = i + 1;
        startLine = line;
        if (ended) {
          if (within === null && chunk.slice(i + 1).trim() !== '')
            throw parseError(line, 'there is text after the array.', column + 1);
          return;
        }
      }
    }
    if (depth > 0) element += chunk.slice(from);
    if (element.length > MAX_LINE_BYTES) throw lineTooLong(startLine);
  }
  if (!ended) throw parseError(line, 'the JSON array does not end.', column + 1);
}

/** Position of the first character at which a text ceases to be JSON: V8 names it in some of its messages only. */
export function faultOf(text: string): number {
  const token = /\s*("(?:[^"\\\u0000-\u001f]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:])/y;
  const open: string[] = [];
  // What may follow: a value, a member's name, its colon, or what comes after a value.
  let awaited: 'value' | 'name' | 'colon' | 'after' = 'value';
  let empty = false;
  for (let at = 0; ; at = token.lastIndex) {
    const match = token.exec(text);
    const start = at + text.slice(at).search(/\S|$/);
    if (!match) return start;
    const [, found] = match as unknown as [string, string];
    const closes = (found === '}' || found === ']') && open.at(-1) === found && (awaited === 'after' || empty);
    if (closes) {
      open.pop();
      awaited = 'after';
    } else if (awaited === 'value' && (found === '{' || found === '[')) {
      open.push(found === '{' ? '}' : ']');
      awaited = found === '{' ? 'name' : 'value';
      empty = true;
      continue;
    } else if (awaited === 'value' && !/^[}\],:]$/.test(found)) awaited = 'after';
    else if (awaited === 'name' && found.startsWith('"')) awaited = 'colon';
    else if (awaited === 'colon' && found === ':') awaited = 'value';
    else if (awaited === 'after' && found === ',' && open.length > 0) awaited = open.at(-1) === '}' ? 'name' : 'value';
    else return start;
    empty = false;
  }
}

/** Where the value at a path of member names begins in a valid JSON text of an object. */
export function startOfValue(text: string, path: readonly string[]): number {
  let at = 0;
  for (const name of path) at = startOfMember(text, text.indexOf('{', at), name);
  return at;
}

function startOfMember(text: string, open: number, name: string): number {
  let depth = 0;
  let found = -1;
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  tokens.lastIndex = open;
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    if (token[0] === '{' || token[0] === '[') depth++;
    else if (token[0] === '}' || token[0] === ']') depth--;
    else if (depth === 1) {
      const colon = /\s*:\s*/y;
      colon.lastIndex = tokens.lastIndex;
      // A name that is there twice means its last value.
      if (colon.test(text) && JSON.parse(token[0]) === name) found = colon.lastIndex;
    }
    if (depth === 0) return found;
  }
  return found;
}

function leadingBreaks(text: string): number {
  return text.slice(0, text.search(/\S/)).split('\n').length - 1;
}
