/** A line of a specification and the section it stands in; '' before the first. */
export interface SpecifiedLine {
  readonly line: string;
  readonly section: string;
}

/** Sections begin at headings, and at paragraphs that begin with a number, bold or plain; others go by their title. */
export function specifiedLines(text: string): SpecifiedLine[] {
  let section = '';
  return text.split('\n').map((line) => {
    const heading = /^#{2,4} (?:(\d+(?:\.\d+)*)\.? )?(.*)$/.exec(line);
    const paragraph = /^(?:\*\*)?(\d+\.\d+) /.exec(line);
    section = heading?.[1] ?? heading?.[2] ?? paragraph?.[1] ?? section;
    return { line, section };
  });
}

/** Sections of which a line of their own says that they are not built yet; '' is the whole text. */
export function unbuiltSections(text: string): string[] {
  return specifiedLines(text).flatMap(({ line, section }) => (line === '> Not built yet.' ? section : []));
}

/** Whether a section is another or stands in it. */
export function within(section: string, outer: string): boolean {
  return outer === '' || section === outer || section.startsWith(`${outer}.`);
}
