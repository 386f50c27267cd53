import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownerDataSource } from '#platform/database';
import { TestDatabase } from '../../libs/platform/database/testing/index.ts';
import { specifiedLines, unbuiltSections, within } from './specification-text.ts';

/** Where the specifications list tables of PostgreSQL. */
const LISTS: [string, RegExp][] = [
  ['platform', /^6$/],
  ['trading', /^3\.\d$/],
  ['data', /^3\.[1-4]$/],
];

/** Tables that the lists say there are, and those that they say are not built yet. */
function specifiedTables(): { built: string[]; unbuilt: string[] } {
  const tables: { built: string[]; unbuilt: string[] } = { built: [], unbuilt: [] };
  for (const [name, lists] of LISTS) {
    const text = readFileSync(join(import.meta.dirname, `../../docs/specification/${name}.md`), 'utf8');
    const closed = unbuiltSections(text);
    for (const { line, section } of specifiedLines(text)) {
      if (!lists.test(section)) continue;
      const mark = / Not built yet(?:: ([^.]*))?\.(?: \|)?$/.exec(line);
      for (const table of tablesOf(line)) {
        const missing =
          closed.some((outer) => within(section, outer)) ||
          (mark && (mark[1] === undefined || mark[1].includes(`\`${table}\``)));
        tables[missing ? 'unbuilt' : 'built'].push(table);
      }
    }
  }
  return tables;
}

/** Names at the beginning of a row or line, such as `a`, `b`; in a list of bullets all that are bold. */
function tablesOf(line: string): string[] {
  if (line.startsWith('- **')) return [...line.matchAll(/\*\*([a-z_]+)\*\*/g)].map((match) => match[1]!);
  const names = /^(?:\| )?((?:`[a-z_]+`(?:, | T \+ )?)+)(?: \||: [`(]| T[:,+ ])/.exec(line)?.[1];
  return names === undefined ? [] : names.match(/[a-z_]+/g)!;
}

it('the tables of the specifications are in the schema, but for those that are said to be not built yet', async () => {
  const database = await TestDatabase.create();
  const source = await ownerDataSource(database.urls.owner).initialize();
  try {
    const rows: { tablename: string }[] = await source.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    );
    const there = new Set(rows.map(({ tablename }) => tablename).filter((table) => table !== 'migrations'));
    const { built, unbuilt } = specifiedTables();
    expect(unbuilt.length).toBeGreaterThan(40);
    expect({
      missing: built.filter((table) => !there.has(table)),
      built: unbuilt.filter((table) => there.has(table)),
      unspecified: [...there].filter((table) => !built.includes(table) && !unbuilt.includes(table)),
    }).toEqual({ missing: [], built: [], unspecified: [] });
  } finally {
    await source.destroy();
    await database.drop();
  }
});
