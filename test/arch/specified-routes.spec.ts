import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { specifiedRoutes } from './specified-routes.ts';

const ROOT = join(import.meta.dirname, '../..');
const specification = (name: string): string => readFileSync(join(ROOT, 'docs/specification', `${name}.md`), 'utf8');

/** Where each specification lists its routes; elsewhere it speaks of them. */
const LISTS: Record<string, RegExp> = {
  platform: /^(3\.10|8\.([1-9]|10)|9\.2|13)$/,
  trading: /^4$/,
  data: /^(4(\.\d)?|10)$/,
  ml: /^4(\.\d)?$/,
  agents: /^4(\.\d)?$/,
};

function served(): Set<string> {
  const { paths } = JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8')) as {
    paths: Record<string, Record<string, unknown>>;
  };
  return new Set(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{[^}]*\}/g, '{}')}`),
    ),
  );
}

describe('the routes of the specifications', () => {
  const parts = Object.entries(LISTS).map(([name, lists]) =>
    specifiedRoutes(specification(name), (section) => lists.test(section)),
  );
  const built = new Set(parts.flatMap((part) => [...part.built]));
  const unbuilt = new Set(parts.flatMap((part) => [...part.unbuilt]));
  const all = served();

  it('are served, but for those that are said to be not built yet', () => {
    expect([...built].filter((route) => !all.has(route))).toEqual([]);
  });

  it('are not served where they are said to be not built yet', () => {
    expect(unbuilt.size).toBeGreaterThan(400);
    expect([...unbuilt].filter((route) => all.has(route))).toEqual([]);
  });

  it('are all that is served', () => {
    expect([...all].filter((route) => !built.has(route))).toEqual([]);
  });

  it.each([
    [
      'a chapter',
      '## 4. Routes\n\n> Not built yet.\n\n### 4.1 Some\n| GET/POST /a, /a/{id} |',
      [],
      ['GET /a', 'GET /a/{}', 'POST /a', 'POST /a/{}'],
    ],
    [
      'the paragraph above',
      '4.1 `GET /a` and `POST /b`.\n\n> Not built yet.\n\n4.2 `GET /c`.',
      ['GET /c'],
      ['GET /a', 'POST /b'],
    ],
    [
      'a row',
      '## 4. Routes\n| GET /a[/{id}] | x. Not built yet. |\n| PUT /b/{c,d} | GET /e |',
      ['PUT /b/c', 'PUT /b/d'],
      ['GET /a', 'GET /a/{}'],
    ],
    [
      'some routes of a row',
      '## 4. Routes\n| GET, PATCH `/a/{id}?x=`; POST `/b` | Not built yet: PATCH `/a/{id}`. |',
      ['GET /a/{}', 'POST /b'],
      ['PATCH /a/{}'],
    ],
  ])('are read, with the mark of %s', (_, text, expectedBuilt, expectedUnbuilt) => {
    const routes = specifiedRoutes(text, () => true);
    expect([...routes.built].sort()).toEqual(expectedBuilt);
    expect([...routes.unbuilt].sort()).toEqual(expectedUnbuilt);
  });
});
