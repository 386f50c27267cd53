import { warningText } from './warning-text.ts';

describe('warningText', () => {
  it('says what a warning means and which columns it means', () => {
    expect(warningText({ code: 'column_ignored', count: 1, first_line: 1, columns: ['adjclose'] })).toBe(
      'column_ignored: 1 - columns are no part of a bar and were left out (adjclose)',
    );
    expect(warningText({ code: 'outlier_return', count: 29, first_line: 2 })).toMatch(
      /^outlier_return: 29 - bars move far more than/,
    );
  });

  it('prefers the words of the warning itself, and invents none for a code it does not know', () => {
    expect(warningText({ code: 'member_skipped', count: 1, first_line: null, message: 'No table.' })).toBe(
      'member_skipped: 1 - No table.',
    );
    expect(warningText({ code: 'other', count: 3, first_line: 1 })).toBe('other: 3');
  });
});
