import { bearerToken, refuseCredentialInQuery } from './credential.ts';
import { readScopeHeaders } from './scope-headers.ts';

const request = (...fields: [string, string][]): Parameters<typeof bearerToken>[0] => ({
  headers: Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value])),
  rawHeaders: fields.flat(),
});
const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('bearerToken', () => {
  it.each<[string, [string, string][], string]>([
    ['a token', [['Authorization', 'Bearer abc.def.ghi']], 'abc.def.ghi'],
    ['the scheme in any case', [['authorization', 'bEARER abc']], 'abc'],
    ['8,192 characters', [['Authorization', `Bearer ${'a'.repeat(8_192)}`]], 'a'.repeat(8_192)],
    ['nothing', [], 'unauthenticated'],
    ['another scheme', [['Authorization', 'Basic abc']], 'unauthenticated'],
    ['a scheme without token', [['Authorization', 'Bearer ']], 'unauthenticated'],
    [
      'two fields',
      [
        ['Authorization', 'Bearer abc'],
        ['AUTHORIZATION', 'Bearer abc'],
      ],
      'invalid_token',
    ],
    ['two tokens', [['Authorization', 'Bearer abc def']], 'invalid_token'],
    ['8,193 characters', [['Authorization', `Bearer ${'a'.repeat(8_193)}`]], 'invalid_token'],
  ])('reads %s', (_, fields, expected) => {
    expect(codeOf(() => bearerToken(request(...fields)))).toBe(expected);
  });
});

describe('refuseCredentialInQuery', () => {
  it.each([
    '/x?access_token=a',
    '/x?id_token=',
    '/x?a=1&token=b',
    '/x?jwt',
    '/x?bearer=1',
    '/x?access%5Ftoken=a',
    '/x?ticket=a',
    '/wsx?ticket=a',
    '/ws/progress/1?token=a',
  ])('refuses %s', (url) => {
    expect(codeOf(() => refuseCredentialInQuery(url))).toBe('credential_in_query');
  });

  it.each(['/x', '/x?tokens=1', '/token?a=b', '/ws/progress/1?ticket=a&after=3', undefined])('passes %s', (url) => {
    expect(codeOf(() => refuseCredentialInQuery(url))).toBeUndefined();
  });
});

describe('readScopeHeaders', () => {
  const A = '018cc251-f400-7000-8000-00000000000a';
  const B = '018cc251-f400-7000-8000-00000000000b';

  it.each<[string, Record<string, string>, unknown]>([
    ['none', {}, { workspace: null, project: null, lab: null }],
    [
      'all three',
      { 'x-alphaswarm-workspace': A, 'x-alphaswarm-project': B, 'x-alphaswarm-lab': A },
      { workspace: A, project: B, lab: A },
    ],
    ['older names', { 'x-aqp-workspace': A, 'x-aqp-lab': B }, { workspace: A, project: null, lab: B }],
    [
      'both names for one scope',
      { 'x-aqp-project': A.toUpperCase(), 'x-alphaswarm-project': A },
      { workspace: null, project: A, lab: null },
    ],
    ['two different', { 'x-aqp-project': A, 'x-alphaswarm-project': B }, 'scope_conflict'],
    ['no UUID', { 'x-alphaswarm-lab': 'lab' }, 'bad_scope_header'],
    ['an empty one', { 'x-alphaswarm-workspace': '' }, 'bad_scope_header'],
    ['two in one field', { 'x-alphaswarm-workspace': `${A}, ${A}` }, 'bad_scope_header'],
  ])('reads %s', (_, headers, expected) => {
    expect(codeOf(() => readScopeHeaders(headers))).toEqual(expected);
  });
});
