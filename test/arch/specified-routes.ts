import { specifiedLines, unbuiltSections, within } from './specification-text.ts';

const METHOD = '(?:GET|POST|PUT|PATCH|DELETE)';
const PATH = String.raw`/(?:[\w.*-]|/|\{[^}\s]*\}|\[[^\]\s]*\])+`;
const QUERY = String.raw`(?:\?[^\s\x60|;,]*(?:\\\|[^\s\x60|;,]*)*)?`;
const ROUTES = new RegExp(
  String.raw`(${METHOD}(?:(?:/|, | and )${METHOD})*) \x60?(${PATH}${QUERY}(?:\x60?(?:, | and )\x60?${PATH}${QUERY})*)`,
  'g',
);
const UNBUILT = /Not built yet(?:: ([^|]*?))?\.(?=\s|$)/;

/** Routes of one part of a specification, as `METHOD /path/{}`: those that are built, and those it says are not. */
export interface SpecifiedRoutes {
  readonly built: ReadonlySet<string>;
  readonly unbuilt: ReadonlySet<string>;
}

/**
 * Reads routes written as `GET /a/{id}`, `GET/POST /a, /a/{id}`, `GET /a[/{id}]` and `GET /a/{b,c}`; of a table row
 * only the first cell. `> Not built yet.` below a heading or numbered paragraph is said of all that it holds;
 * `Not built yet.` in a row or line of it alone; `Not built yet: PATCH /a/{id}.` of the routes it names.
 */
export function specifiedRoutes(text: string, holds: (section: string) => boolean): SpecifiedRoutes {
  const [built, unbuilt] = [new Set<string>(), new Set<string>()];
  const closed = unbuiltSections(text);
  for (const { line, section } of specifiedLines(text)) {
    if (!holds(section)) continue;
    const mark = UNBUILT.exec(line);
    const excepted = routesOf(mark?.[1] ?? '');
    for (const route of excepted) unbuilt.add(route);
    const whole = closed.some((outer) => within(section, outer)) || (mark !== null && mark[1] === undefined);
    const place = line.startsWith('|') ? line.split(/(?<!\\)\|/)[1]! : line.replace(UNBUILT, '');
    for (const route of routesOf(place)) if (!excepted.has(route)) (whole ? unbuilt : built).add(route);
  }
  return { built, unbuilt };
}

function routesOf(text: string): Set<string> {
  return new Set(
    [...text.matchAll(ROUTES)].flatMap(([, methods, paths]) => {
      const targets = paths!
        .match(new RegExp(PATH + QUERY, 'g'))!
        .flatMap((path) => expand(path.replace(/\?.*$/, '').replaceAll('\\|', '|')));
      return methods!.match(new RegExp(METHOD, 'g'))!.flatMap((method) => targets.map((path) => `${method} ${path}`));
    }),
  );
}

/** Optional groups `[/{id}]` and alternatives `{a,b}`, `{a|b}` written out; parameters without their names. */
function expand(path: string): string[] {
  const group = /\[([^\]]*)\]|\{([^}]*[,|][^}]*)\}/.exec(path);
  if (!group) return [path.replace(/\{[^}]*\}/g, '{}')];
  const choices = group[1] === undefined ? group[2]!.split(/[,|]/) : ['', group[1]];
  return choices.flatMap((choice) =>
    expand(path.slice(0, group.index) + choice + path.slice(group.index + group[0].length)),
  );
}
