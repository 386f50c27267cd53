import 'reflect-metadata';
import { validateSync } from 'class-validator';
import { DateField, InstantField, TextField } from './fields.ts';

class Named {
  @TextField({ name: true, max: 40 }) name!: string;
  @TextField({ name: true, optional: true, each: true }) tags?: string[];
}

function refused(sent: Partial<Named>): string[] {
  return validateSync(Object.assign(new Named(), { name: 'a', ...sent })).flatMap(({ constraints }) =>
    Object.keys(constraints ?? {}),
  );
}

class Dated {
  @InstantField() at!: string;
  @DateField() on!: string;
}

function faults(at: string, on: string): string[] {
  return validateSync(Object.assign(new Dated(), { at, on })).map(({ property }) => property);
}

describe('times', () => {
  it.each([
    '2026-01-02T03:04:05Z',
    '2026-01-02t03:04:05.123456789z',
    '2024-02-29 23:59:59+14:00',
    '0001-01-01T00:00:00-15:59',
    '9999-12-31T23:59:59Z',
  ])('take %s', (at) => {
    expect(faults(at, at.slice(0, 10))).toEqual([]);
  });

  it.each([
    '0000-01-01T00:00:00Z',
    '2026-01-02T24:00:00Z',
    '2026-01-02T03:04:60Z',
    '2026-01-02T03:04:05+16:00',
    '2026-01-02T03:04:05+01:60',
    '2026-01-02T03:04:05',
    '2026-02-30T00:00:00Z',
    '2026-01-02T03:04:05+99:99',
    '20260102T030405Z',
    '+002026-01-02T03:04:05Z',
  ])('refuse %s', (at) => {
    expect(faults(at, '2026-01-02')).toEqual(['at']);
  });

  it.each(['0000-01-01', '2026-02-30', '2026-1-2', '2026-W01-1', '2026-001'])('refuse the date %s', (on) => {
    expect(faults('2026-01-02T03:04:05Z', on)).toEqual(['on']);
  });
});

describe('names', () => {
  it.each([
    'a\u0000',
    'a\tb',
    'a\r\nb',
    '\u001b[1m',
    '\u007f',
    'a\u0080',
    'a\u009fb',
    ' ',
    ' \u00a0\u2003',
    '\u2028',
    '\u200b',
    'a\u202eb',
    '\u2066a',
  ])('refuse %j', (name) => {
    expect(refused({ name })).toEqual(['isName']);
    expect(refused({ tags: ['a', name] })).toEqual(['isName']);
  });

  it.each(['a', ' a ', 'Golden cross', 'Zürich 東京', '👩‍🔬', '£5', 'e\u0301', '_'])('accept %j', (name) => {
    expect(refused({ name })).toEqual([]);
  });
});
