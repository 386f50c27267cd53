import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Output of a command of the repository; empty when it has nothing to complain about. */
function complaints(command: string, ...parameters: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(join(ROOT, command), parameters, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  if (error) throw error;
  return status === 0 ? '' : stdout + stderr;
}

describe('the house', () => {
  it('imports by its rules (npm run arch)', () => {
    const folders = ['apps', 'libs', 'migrations', 'test', 'scripts', 'bench'];
    expect(
      complaints(
        'node_modules/.bin/depcruise',
        '--config',
        '.dependency-cruiser.js',
        '--output-type',
        'err',
        ...folders,
      ),
    ).toBe('');
  }, 120_000);

  it('is written by its rules (npm run lint)', () => {
    expect(complaints('node_modules/.bin/eslint', '.')).toBe('');
  }, 120_000);

  it('is laid out by its rules (npm run format -- --check)', () => {
    expect(complaints('scripts/format.sh', '--check')).toBe('');
  }, 120_000);

  it('has an area graph that names every area, no edge that nobody uses, and no cycle', () => {
    const areas = join(ROOT, 'libs/areas');
    const graph = JSON.parse(readFileSync(join(areas, 'graph.json'), 'utf8')) as Record<string, string[]>;
    const folders = readdirSync(areas, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(Object.keys(graph).sort()).toEqual(folders.map(({ name }) => name).sort());
    const used = Object.fromEntries(
      Object.keys(graph).map((area) => {
        const sources = globSync(`${area}/**/*.ts`, { cwd: areas })
          .filter((file) => !file.endsWith('.spec.ts'))
          .map((file) => readFileSync(join(areas, file), 'utf8'));
        return [
          area,
          [
            ...new Set(
              sources.flatMap((text) => [...text.matchAll(/from '#areas\/([a-z-]+)'/g)].map((match) => match[1]!)),
            ),
          ].sort(),
        ];
      }),
    );
    expect(used).toEqual(graph);
    const finished = new Set<string>();
    const visit = (area: string, path: string[]): void => {
      if (path.includes(area)) throw new Error(`The areas import each other: ${[...path, area].join(' -> ')}`);
      if (finished.has(area)) return;
      for (const next of graph[area] ?? []) visit(next, [...path, area]);
      finished.add(area);
    };
    for (const area of Object.keys(graph)) visit(area, []);
  });
});
