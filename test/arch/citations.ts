/** Sections of a specification, each with its ids: of bullets, rows and scenarios, and emphasised lead words. */
export type Specification = ReadonlyMap<string, ReadonlySet<string>>;

/** What can be cited: specifications by file name, ADRs by number, and files; `exists` takes a path from the root. */
export interface Library {
  readonly specifications: ReadonlyMap<string, Specification>;
  readonly adrs: ReadonlySet<number>;
  exists(path: string): boolean;
}

interface Citation {
  readonly section: string;
  readonly id?: string;
}

const HEADING = /^#{2,4} (\d+(?:\.\d+)*)\.? /;
const PARAGRAPH = /^(?:\*\*)?(\d+\.\d+) /;
const LIST_ITEM = /^(\d+)\. /;
const IDS = [
  /^- \*\*([A-Z]+-?\d+)\*\*/,
  /^\| ([A-Z]+-?\d+) /,
  /^\*\*([A-Z])\. /,
  /(?:^- |\. )(INV-\d+) /g,
  /\*{1,2}([A-Z][A-Za-z]+)[^*]*\*/g,
];

const GAP = String.raw`(?:[ \t]|\r?\n[ \t]*(?:\*|//|#|--)?[ \t]*)+`;
const SECTION = String.raw`\d+(?:\.\d+)*(?![\w%])`;
const ITEM = String.raw`(?:${SECTION}|[A-Z]+-?\d+\b|[A-Z]\b(?!\w)|[A-Z][a-z]+\b)`;
const LIST = new RegExp(`^\`?${GAP}${SECTION}(?:(?:,?${GAP}(?:(?:and|to)${GAP})?)${ITEM})*`);
const MARKED = String.raw`(?:§${SECTION}|\d+\.\d+)`;
const MARKED_LIST = new RegExp(
  String.raw`(?:\b(platform|trading|data|ml|agents) )?§(${SECTION}(?:(?:,? and |, |–|-| to )${MARKED})*)`,
  'g',
);

/** Sections are headings, paragraphs that begin with a number, bold or plain, and numbered items (13.5 is item 5). */
export function readSpecification(text: string): Specification {
  const sections = new Map<string, Set<string>>();
  let parent = '';
  let section = '';
  for (const line of text.split('\n')) {
    const own = HEADING.exec(line)?.[1] ?? PARAGRAPH.exec(line)?.[1];
    if (own) parent = section = own;
    const item = LIST_ITEM.exec(line)?.[1];
    if (item && parent) section = `${parent}.${item}`;
    if (!section) continue;
    const ids = IDS.flatMap((pattern) => (pattern.global ? [...line.matchAll(pattern)] : [pattern.exec(line)])).flatMap(
      (match) => match?.[1] ?? [],
    );
    for (const around of withParents(section)) sections.set(around, new Set([...(sections.get(around) ?? []), ...ids]));
  }
  return sections;
}

/**
 * Everything in a text that leads nowhere, as `line: what`. `file` is the text's path from the root. Citations are
 * `<name>.md <section>[ or <id>]`, also in lists, where an id belongs to the section before it; other `.md` names are
 * paths from the root or from the text; ADRs are cited by number or path. A specification may cite its own sections
 * by `§`.
 */
export function deadCitations(file: string, text: string, library: Library): string[] {
  const folder = file.split('/').slice(0, -1).join('/');
  const dead: string[] = [];
  const report = (index: number, what: string): void =>
    void dead.push(`${text.slice(0, index).split('\n').length}: ${what}`);
  for (const match of text.matchAll(/[\w./-]*\w\.md\b/g)) {
    const path = match[0];
    const name = path.split('/').at(-1)!;
    const specification = library.specifications.get(name);
    if (!specification || path !== name) {
      if (!library.exists(path) && !library.exists(resolve(folder, path))) report(match.index, `${path} is no file`);
      continue;
    }
    const list = LIST.exec(text.slice(match.index + path.length))?.[0];
    if (!list) report(match.index, `${name} without a section`);
    else for (const problem of problemsOf(name, specification, citationsOf(list))) report(match.index, problem);
  }
  for (const match of text.matchAll(/\bADRs? ((?:\d+)(?:(?:, | and )\d+)*)|docs\/adr\/(\d{4})(?!-)/g)) {
    for (const number of (match[1] ?? match[2]!).match(/\d+/g)!)
      if (!library.adrs.has(Number(number))) report(match.index, `there is no ADR ${Number(number)}`);
  }
  if (folder === 'docs/specification')
    for (const match of text.matchAll(MARKED_LIST)) {
      const name = match[1] ? `${match[1]}.md` : file.slice(folder.length + 1);
      const sections = match[2]!.match(/\d+(?:\.\d+)*/g)!.map((section) => ({ section }));
      for (const problem of problemsOf(name, library.specifications.get(name)!, sections)) report(match.index, problem);
    }
  return dead;
}

function citationsOf(list: string): Citation[] {
  let section = '';
  return list.match(new RegExp(ITEM, 'g'))!.flatMap((item, index, items) => {
    if (!/^\d/.test(item)) return { section, id: item };
    section = item;
    return /^[A-Z]/.test(items[index + 1] ?? '') ? [] : { section };
  });
}

function problemsOf(name: string, specification: Specification, citations: Citation[]): string[] {
  return citations.flatMap(({ section, id }) => {
    const ids = specification.get(section);
    if (!ids) return `${name} has no section ${section}`;
    return id === undefined || ids.has(id) ? [] : `${name} ${section} has no ${id}`;
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
