import 'reflect-metadata';
import { validateSync } from 'class-validator';
import { TextField } from './fields.ts';

class Named {
  @TextField({ name: true, max: 40 }) name!: string;
  @TextField({ name: true, optional: true, each: true }) tags?: string[];
}

function refused(sent: Partial<Named>): string[] {
  return validateSync(Object.assign(new Named(), { name: 'a', ...sent })).flatMap(({ constraints }) => Object.keys(constraints ?? {}));
}

describe('names', () => {
  it.each(['a\u0000', 'a\tb', 'a\r\nb', '\u001b[1m', '\u007f', 'a\u0080', 'a\u009fb', ' ', ' \u00a0\u2003', '\u2028', '\u200b', 'a\u202eb', '\u2066a'])('refuse %j', (name) => {
    expect(refused({ name })).toEqual(['isName']);
    expect(refused({ tags: ['a', name] })).toEqual(['isName']);
  });

  it.each(['a', ' a ', 'Golden cross', 'Zürich 東京', '👩‍🔬', '£5', 'e\u0301', '_'])('accept %j', (name) => {
    expect(refused({ name })).toEqual([]);
  });
});
