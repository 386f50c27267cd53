import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { citationsIn, deadCitations, readSpecification, uncitedSections, type Library } from './citations.ts';
import { unbuiltSections, within } from './specification-text.ts';

const ROOT = join(import.meta.dirname, '../..');
const PLACES = ['apps', 'libs', 'migrations', 'test', 'scripts', 'bench', 'docs'];
/** The probes below, and those of the other rules, cite what is not there. */
const PROBES = ['test/arch/citations.spec.ts', 'test/arch/probes/'];

/** All permissions are enumerated, those of areas to come too. */
const NAMES_TO_COME = ['libs/platform/auth/permissions.ts', 'libs/platform/auth/scopes.ts'];

/** Who calls, words, what peers have, and scenarios, which tests name in their titles. */
const BUILT_NOWHERE: Readonly<Record<string, readonly string[]>> = {
  'platform.md': ['1.1', '1.2', '1.3', '1.4', '2', '17', '18'],
  'trading.md': ['1', '2', '10', '11'],
  // 5 adds names of stages to the frames of platform.md 9, and 8.8 is budgets, which benches measure.
  'data.md': ['1', '2', '5', '8.8', '12', '13'],
  'ml.md': ['1', '2', '13'],
  'agents.md': [],
};

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const texts = new Map(
  readdirSync(join(ROOT, 'docs/specification')).map((name) => [name, read(`docs/specification/${name}`)]),
);
const library: Library = {
  specifications: new Map([...texts].map(([name, text]) => [name, readSpecification(text)])),
  adrs: new Set(readdirSync(join(ROOT, 'docs/adr')).map((name) => Number.parseInt(name, 10))),
  exists: (path) => existsSync(join(ROOT, path)),
};

describe('citations', () => {
  it('lead somewhere, in code, tests and documents', () => {
    const files = [
      ...globSync('*.md', { cwd: ROOT }),
      ...globSync(
        PLACES.map((place) => `${place}/**/*.{ts,js,mjs,py,sh,md}`),
        { cwd: ROOT },
      ),
    ].filter((file) => !PROBES.some((probe) => file.startsWith(probe)));
    expect(files.length).toBeGreaterThan(900);
    const dead = files.flatMap((file) =>
      deadCitations(file, read(file), library).map((problem) => `${file}:${problem}`),
    );
    expect(dead).toEqual([]);
  });

  it('of code never name a section that is said to be not built yet', () => {
    const closed = new Map([...texts].map(([name, text]) => [name, unbuiltSections(text)]));
    expect(closed.get('trading.md')).toContain('7.6');
    const early = globSync('{apps,libs,migrations}/**/*.ts', { cwd: ROOT }).flatMap((file) =>
      citationsIn(read(file)).flatMap(({ name, section }) =>
        section !== undefined && closed.get(name)?.some((outer) => within(section, outer)) ? file : [],
      ),
    );
    expect([...new Set(early)].sort()).toEqual(NAMES_TO_COME);
  });

  it('name in code every section that is built, so that a search for it finds its place', () => {
    const citations = globSync('{apps,libs,migrations}/**/*.ts', { cwd: ROOT })
      .filter((file) => !file.endsWith('.spec.ts'))
      .flatMap((file) => citationsIn(read(file)));
    for (const [name, text] of texts)
      expect([name, uncitedSections(name, text, citations)]).toEqual([name, BUILT_NOWHERE[name]]);
  });

  it('miss a section that is built and that nobody names', () => {
    const text = '## 1. One\n\n1.1 Built.\n\n1.2 Built too.\n\n## 2. Two\n\n> Not built yet.\n';
    expect(uncitedSections('data.md', text, citationsIn('data.md 1.1, trading.md 1.2'))).toEqual(['1.2']);
  });

  it.each([
    ['a file that is none', 'See orders.md 7.4.', 'orders.md is no file'],
    ['a path that is none', 'See docs/adr/0005-engine.md.', 'docs/adr/0005-engine.md is no file'],
    ['a link that leads nowhere', '[words](../glosary.md)', '../glosary.md is no file'],
    ['no section', 'See data.md.', 'data.md without a section'],
    ['a section that is none', 'trading.md 7.99', 'trading.md has no section 7.99'],
    ['one of a list', 'trading.md 7.4, 7.98 and 7.10', 'trading.md has no section 7.98'],
    ['one on the next line', '/** From platform.md\n * 8.97. */', 'platform.md has no section 8.97'],
    ['an id that is none', 'data.md 14, V99', 'data.md 14 has no V99'],
    ['an id of a list', 'data.md 7.4, 14 V4, V98', 'data.md 14 has no V98'],
    ['an id of another section', 'data.md 13, V4', 'data.md 13 has no V4'],
    ['an invariant', 'trading.md 6.6, INV-99', 'trading.md 6.6 has no INV-99'],
    ['a paragraph', 'platform.md 7.5, Colours', 'platform.md 7.5 has no Colours'],
    ['a decision', 'ADR 5 and 99', 'there is no ADR 99'],
    ['a decision by its path', '(docs/adr/0099)', 'there is no ADR 99'],
  ])('fail that name %s', (_, text, problem) => {
    expect(deadCitations('libs/quant/probe.ts', text, library).map((found) => found.replace(/^\d+: /, ''))).toEqual([
      problem,
    ]);
  });

  it('fail within a specification', () => {
    expect(deadCitations('docs/specification/trading.md', 'as in §7.4, §7.97 and data §8.96', library)).toEqual([
      '1: trading.md has no section 7.97',
      '1: data.md has no section 8.96',
    ]);
  });

  it.each([
    'trading.md 7.4, 7.10',
    'data.md 14, C2',
    'data.md 7.4, 7.5, 14 V4, V5',
    'data.md 8.2 and 14, A1, A2',
    'trading.md 11, M',
    'trading.md 8.3, R13',
    'platform.md 7.5, Keys',
    'trading.md 7.10, Matching',
    'data.md 13.5',
    'docs/glossary.md',
    'ADR 5',
    'docs/specification',
  ])('pass that are %s', (text) => {
    expect(deadCitations('libs/quant/probe.ts', text, library)).toEqual([]);
  });
});
