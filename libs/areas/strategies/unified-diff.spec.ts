import { applyPatch } from 'diff';
import { unifiedDiff } from './unified-diff.ts';

const diff = (from: string, to: string): string =>
  unifiedDiff({ name: 'version 1', text: from }, { name: 'version 2', text: to });

describe('unifiedDiff', () => {
  it('is empty for equal texts and shows one changed line as one removed and one added', () => {
    expect(diff('a\nb\n', 'a\nb\n')).toBe('');
    expect(
      diff('a\nb\n', 'a\nc\n')
        .split('\n')
        .filter((line) => /^[-+](?![-+])/.test(line)),
    ).toEqual(['-b', '+c']);
  });

  it('of texts that have nothing in common is right, and found at once', () => {
    const text = (letter: string, count: number): string =>
      Array.from({ length: count }, (_, i) => `${letter}${i}`).join('\n');
    const start = process.cpuUsage();
    for (const [from, to] of [
      [text('a', 20_000), text('b', 30_000)],
      [`${text('a', 500)}\n`, text('b', 700)],
    ] as const)
      expect(applyPatch(from, diff(from, to))).toBe(to);
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
  });
});
