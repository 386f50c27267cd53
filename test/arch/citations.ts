import { specifiedLines, unbuiltSections, within } from './specification-text.ts';

/** Sections of a specification, each with its ids: of bullets, rows and scenarios, and emphasised lead words. */
export type Specification = ReadonlyMap<string, ReadonlySet<string>>;

/** What can be cited: specifications by file name, ADRs by number, and files; `exists` takes a path from the root. */
export interface Library {
  readonly specifications: ReadonlyMap<string, Specification>;
  readonly adrs: ReadonlySet<number>;
  exists(path: string): boolean;
}

export interface Citation {
  /** File name of a specification, or another `.md` name. */
  readonly name: string;
  readonly index: number;
  readonly section?: string;
  readonly id?: string;
}

const LIST_ITEM = /^(\d+)\. /;
const IDS = [
  /^- \*\*([A-Z]+-?\d+)\*\*/,
  /^\| ([A-Z]+-?\d+) /,
  /^\*\*([A-Z])\. /,
  /(?:^- |\. )(INV-\d+) /g,
  /\*{1,2}([A-Z][A-Za-z]+)[^*]*\*/g,
];

const MD_NAME = /[\w./-]*\w\.md\b/g;
const GAP = String.raw`(?:[ \t]|\r?\n[ \t]*(?:\*|//|#|--)?[ \t]*)+`;
const SECTION = String.raw`\d+(?:\.\d+)*(?![\w%])`;
const ITEM = String.raw`(?:${SECTION}|[A-Z]+-?\d+\b|[A-Z]\b(?!\w)|[A-Z][a-z]+\b)`;
const LIST = new RegExp(`^\`?${GAP}${SECTION}(?:(?:,?${GAP}(?:(?:and|to)${GAP})?)${ITEM})*`);
const MARKED = String.raw`(?:§${SECTION}|\d+\.\d+)`;
const MARKED_LIST = new RegExp(
  String.raw`(?:\b(platform|trading|data|ml|agents) )?§(${SECTION}(?:(?:,? and |, |–|-| to )${MARKED})*)`,
  'g',
);

/** Sections are those of `specifiedLines` and numbered items (13.5 is item 5 of 13). */
export function readSpecification(text: string): Specification {
  const sections = new Map<string, Set<string>>();
  let item: string | undefined;
  let parent = '';
  for (const { line, section } of specifiedLines(text)) {
    if (section !== parent) item = undefined;
    parent = section;
    const number = LIST_ITEM.exec(line)?.[1];
    if (number) item = `${section}.${number}`;
    for (const around of withParents(item ?? section)) {
      sections.set(around, new Set([...(sections.get(around) ?? []), ...idsOf(line)]));
    }
  }
  return sections;
}

/** Sections and ids that a text cites as `<name>.md <section>[ or <id>]`, also in lists; none of a name without one. */
export function citationsIn(text: string): Citation[] {
  return [...text.matchAll(MD_NAME)].flatMap(({ 0: name, index }) => {
    const list = LIST.exec(text.slice(index + name.length))?.[0];
    return list === undefined ? { name, index } : citationsOf(list).map((cited) => ({ name, index, ...cited }));
  });
}

/**
 * Everything in a text that leads nowhere, as `line: what`. `file` is the text's path from the root. An id belongs to
 * the section cited before it; `.md` names that are no specification's are paths from the root or from the text; ADRs
 * are cited by number or path. A specification may cite its own sections by `§`.
 */
export function deadCitations(file: string, text: string, library: Library): string[] {
  const folder = file.split('/').slice(0, -1).join('/');
  const own = folder === 'docs/specification' ? markedCitationsIn(file.slice(folder.length + 1), text) : [];
  const problems = [...citationsIn(text), ...own].flatMap((citation) => {
    const specification = library.specifications.get(citation.name);
    const what = specification ? problemOf(citation, specification) : fileProblem(citation.name, folder, library);
    return what === undefined ? [] : { index: citation.index, what };
  });
  return [...problems, ...deadDecisions(text, library)].map(
    ({ index, what }) => `${text.slice(0, index).split('\n').length}: ${what}`,
  );
}

/** Sections without sections of their own that `citations` of code leave unnamed, those that are not built aside. */
export function uncitedSections(name: string, text: string, citations: readonly Citation[]): string[] {
  const sections = [...new Set(specifiedLines(text).map(({ section }) => section))].filter((one) => /^\d/.test(one));
  const closed = unbuiltSections(text);
  const cited = citations.flatMap((citation) => (citation.name === name ? (citation.section ?? []) : []));
  return sections.filter(
    (one) =>
      !sections.some((other) => other !== one && within(other, one)) &&
      ![...closed].some((outer) => within(one, outer)) &&
      !cited.some((section) => within(section, one)),
  );
}

function problemOf({ name, section, id }: Citation, specification: Specification): string | undefined {
  if (section === undefined) return `${name} without a section`;
  const ids = specification.get(section);
  if (!ids) return `${name} has no section ${section}`;
  return id === undefined || ids.has(id) ? undefined : `${name} ${section} has no ${id}`;
}

function fileProblem(path: string, folder: string, library: Library): string | undefined {
  return library.exists(path) || library.exists(resolve(folder, path)) ? undefined : `${path} is no file`;
}

function deadDecisions(text: string, { adrs }: Library): { index: number; what: string }[] {
  return [...text.matchAll(/\bADRs? (\d+(?:(?:, | and )\d+)*)|docs\/adr\/(\d{4})(?!-)/g)].flatMap((match) =>
    (match[1] ?? match[2]!)
      .match(/\d+/g)!
      .filter((number) => !adrs.has(Number(number)))
      .map((number) => ({ index: match.index, what: `there is no ADR ${Number(number)}` })),
  );
}

/** `§7.4`, `§7.4, 7.10` and `data §8.2` in the specification `name`. */
function markedCitationsIn(name: string, text: string): Citation[] {
  return [...text.matchAll(MARKED_LIST)].flatMap(({ 1: other, 2: list, index }) =>
    list!.match(/\d+(?:\.\d+)*/g)!.map((section) => ({ name: other ? `${other}.md` : name, index, section })),
  );
}

function idsOf(line: string): string[] {
  const found = IDS.flatMap((pattern) => (pattern.global ? [...line.matchAll(pattern)] : [pattern.exec(line)]));
  return found.flatMap((match) => match?.[1] ?? []);
}

/** An id stands for its section too. */
function citationsOf(list: string): { section: string; id?: string }[] {
  let section = '';
  return list.match(new RegExp(ITEM, 'g'))!.flatMap((item, index, items) => {
    if (!/^\d/.test(item)) return { section, id: item };
    section = item;
    return /^[A-Z]/.test(items[index + 1] ?? '') ? [] : { section };
  });
}

/** `7`, `7.4` for `7.4`. */
function withParents(section: string): string[] {
  return section.split('.').map((_, index, parts) => parts.slice(0, index + 1).join('.'));
}

function resolve(folder: string, path: string): string {
  const parts: string[] = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/'))
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  return parts.join('/');
}
