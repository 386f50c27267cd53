import fc from 'fast-check';
import { readCompactToken } from './compact-token.ts';
import { TokenRejectedError } from './token-rejection.ts';

describe('readCompactToken', () => {
  const outcome = (token: string): 'read' | 'refused' => {
    try {
      readCompactToken(token);
      return 'read';
    } catch (error) {
      if (error instanceof TokenRejectedError) return 'refused';
      throw error;
    }
  };
  const segment = fc
    .oneof(
      fc.string(),
      fc.json(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
    )
    .map((text) => Buffer.from(text).toString('base64url'));

  it('refuses whatever is no token, and never fails otherwise', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.oneof(segment, fc.base64String(), fc.string()), { maxLength: 6 }).map((parts) => parts.join('.')),
        ),
        (token) => {
          expect(outcome(token)).toBe('refused');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('finds a key that comes twice at any depth, and only then', () => {
    const payload = fc.dictionary(fc.string(), fc.jsonValue()).map((claims) => ({ ...claims, iss: 'x' }));
    const encoded = (text: string): string => Buffer.from(text).toString('base64url');
    const header = encoded('{"alg":"RS256","kid":"k"}');
    fc.assert(
      fc.property(payload, (claims) => {
        const text = JSON.stringify(claims);
        expect(outcome(`${header}.${encoded(text)}.c2ln`)).toBe(
          Object.hasOwn(JSON.parse(text) as object, 'iss') ? 'read' : 'refused',
        );
        expect(outcome(`${header}.${encoded(`{"iss":"x","deep":[{"a":1,"a":${text}}]}`)}.c2ln`)).toBe('refused');
      }),
      { numRuns: 300 },
    );
  });

  it('reads a payload of hostile depth without failing', () => {
    const deep = `{"iss":"x","a":${'['.repeat(2_000)}${']'.repeat(2_000)}}`;
    expect(
      outcome(
        `${Buffer.from('{"alg":"RS256","kid":"k"}').toString('base64url')}.${Buffer.from(deep).toString('base64url')}.c2ln`,
      ),
    ).toBe('read');
  });
});
