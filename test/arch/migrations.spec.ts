import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MIGRATIONS } from '#migrations';

const FILE = /^(\d{13})-([a-z0-9-]+)\.ts$/;

describe('migrations', () => {
  const files = readdirSync(join(import.meta.dirname, '../../migrations'))
    .filter((file) => file !== 'index.ts')
    .sort();

  it('are all listed, in the order of their digits, each class named as its file', () => {
    const names = files.map((file) => {
      const [, digits, words] = FILE.exec(file) ?? [];
      if (!digits || !words) throw new Error(`${file} is not <13 digits>-<area>-<what>.ts`);
      return (
        words
          .split('-')
          .map((word) => word[0]!.toUpperCase() + word.slice(1))
          .join('') + digits
      );
    });
    expect(MIGRATIONS.map(({ name }) => name)).toEqual(names);
  });

  it('have numbers of their own', () => {
    const digits = files.map((file) => file.slice(0, 13));
    expect(new Set(digits).size).toBe(digits.length);
  });
});
