import { globSync, readFileSync } from 'node:fs';
import { ERROR_CATALOGUE, errorCatalogueDocument } from '#platform/http';

const sources = globSync(['libs/**/*.ts', 'apps/**/*.ts'], {
  exclude: (path) => /\.spec\.ts$|error-catalogue\.ts$/.test(path),
}).map((path) => readFileSync(path, 'utf8'));

/**
 * Refusals as they are written: `new DomainError(404, 'not_found'`, `super(401, 'invalid_token'`, `new
 * UnavailableError('audit_unavailable'`.
 */
function thrown(): [code: string, status: number][] {
  return sources.flatMap((text) => [
    ...[...text.matchAll(/(?:DomainError|super)\(\s*(\d{3}),\s*'([a-z0-9_]+)'/g)].map(
      ([, status, code]): [string, number] => [code ?? '', Number(status)],
    ),
    ...[...text.matchAll(/UnavailableError\(\s*'([a-z0-9_]+)'/g)].map(([, code]): [string, number] => [
      code ?? '',
      503,
    ]),
  ]);
}

describe('error catalogue', () => {
  it('knows every code that is thrown, with its status', () => {
    const found = thrown();
    expect(found.length).toBeGreaterThan(30);
    expect(found.filter(([code, status]) => ERROR_CATALOGUE[code]?.[0] !== status)).toEqual([]);
  });

  it('lists no code that nothing throws', () => {
    const unused = Object.keys(ERROR_CATALOGUE).filter((code) => !sources.some((text) => text.includes(`'${code}'`)));
    expect(unused).toEqual([]);
  });

  it('has every conflict and every loss that an area throws named by an operation', () => {
    const areas = globSync('libs/areas/**/*.ts', { exclude: (path) => path.endsWith('.spec.ts') })
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n');
    const named = new Set(
      [...areas.matchAll(/@?Refuses\(([^)]*)\)/g)].flatMap(([, codes]) =>
        [...(codes ?? '').matchAll(/'([a-z_]+)'/g)].map(([, code]) => code),
      ),
    );
    const thrownThere = [...areas.matchAll(/DomainError\(\s*(409|410|501),\s*'([a-z_]+)'/g)].map(([, , code]) => code);
    expect(thrownThere.length).toBeGreaterThan(10);
    expect(thrownThere.filter((code) => !named.has(code))).toEqual([]);
    expect([...named].filter((code) => !ERROR_CATALOGUE[code ?? ''])).toEqual([]);
  });

  it('is sorted and mirrored by docs/errors.md', () => {
    const codes = Object.keys(ERROR_CATALOGUE);
    expect(codes).toEqual([...codes].sort());
    expect(readFileSync('docs/errors.md', 'utf8')).toBe(errorCatalogueDocument());
  });
});
