import { createTwoFilesPatch, formatPatch } from 'diff';

interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** The search for the shortest diff costs the square of this, and it runs on the event loop. */
const MAX_CHANGED_LINES = 400;

/**
 * Unified diff of two texts, empty where they are equal. Texts that differ in very many lines are shown as replaced as
 * a whole.
 */
export function unifiedDiff(from: NamedText, to: NamedText): string {
  if (from.text === to.text) return '';
  return (
    createTwoFilesPatch(from.name, to.name, from.text, to.text, undefined, undefined, {
      maxEditLength: MAX_CHANGED_LINES,
    }) ?? replacement(from, to)
  );
}

function replacement(from: NamedText, to: NamedText): string {
  const removed = lines(from.text, '-');
  const added = lines(to.text, '+');
  const shown = (list: readonly string[]): number => list.filter((line) => !line.startsWith('\\')).length;
  return formatPatch({
    oldFileName: from.name,
    newFileName: to.name,
    oldHeader: undefined,
    newHeader: undefined,
    index: undefined,
    hunks: [
      { oldStart: 1, oldLines: shown(removed), newStart: 1, newLines: shown(added), lines: [...removed, ...added] },
    ],
  });
}

function lines(text: string, sign: '-' | '+'): string[] {
  const marked = text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => sign + line);
  return text.endsWith('\n') ? marked : [...marked, '\\ No newline at end of file'];
}
