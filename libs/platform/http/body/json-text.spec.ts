import fc from 'fast-check';
import { parseJson } from './json-text.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): unknown => parseJson(bytes(text), 10_000).value;

describe('parseJson', () => {
  it('agrees with JSON.parse on everything that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 10 }), (value) => {
        const text = JSON.stringify(value);
        expect(parseJson(bytes(text), 10_000).value).toEqual(JSON.parse(text));
      }),
    );
  });

  it('finds a key that comes twice, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), (key, a, b) => {
        const member = (value: unknown): string => `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
        expect(() => parse(`[{"x": {${member(a)}, ${member(b)}}}]`)).toThrow('twice');
        expect(() => parse(`[{${member(a)}}, {${member(b)}}]`)).not.toThrow();
      }),
    );
  });

  it('throws a refusal, never anything else, on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
        try {
          parseJson(data, 10_000);
        } catch (error) {
          expect(error).toMatchObject({ status: 400, code: 'malformed_request' });
        }
      }),
    );
  });

  it('reports at most 20 wrong places', () => {
    expect(parseJson(bytes(JSON.stringify(Array(50).fill('\0'))), 10_000).errors).toHaveLength(20);
  });

  it('escapes pointers', () => {
    expect(parseJson(bytes('{"a/b~c":["\\u0000"]}'), 10).errors).toEqual([
      { pointer: '/a~1b~0c/0', code: 'format', message: 'must not contain NUL' },
    ]);
  });
});
