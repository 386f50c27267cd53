import {
  type Strategy,
  type StrategyStatus,
  assertEditable,
  decideArchive,
  statusWhenTestCompletes,
  statusWhenTestStarts,
  statusWithNewVersion,
} from './strategy.ts';

const aStrategy = (status: StrategyStatus, version = 1): Strategy => ({
  id: '018cc251-f400-7000-8000-0000000000aa',
  name: 'Golden cross',
  status,
  version,
  configYaml: '',
  createdBy: '',
  tags: [],
  workspaceId: '',
  projectId: null,
});

const STATUSES: StrategyStatus[] = ['draft', 'versioned', 'backtested', 'paper', 'live', 'archived'];

/** trading.md 6.1. */
describe('The life of a strategy', () => {
  it.each([
    ['draft', 'draft'],
    ['versioned', 'versioned'],
    ['backtested', 'versioned'],
    ['paper', 'versioned'],
    ['live', 'live'],
  ] as const)('a new version takes %s to %s', (before, after) => {
    expect(statusWithNewVersion(before)).toBe(after);
  });

  it('is frozen by its first test', () => {
    expect(STATUSES.map(statusWhenTestStarts)).toEqual([
      'versioned',
      'versioned',
      'backtested',
      'paper',
      'live',
      'archived',
    ]);
  });

  it('is backtested by a completed test of its current version only', () => {
    expect(statusWhenTestCompletes(aStrategy('versioned', 2), 2)).toBe('backtested');
    expect(statusWhenTestCompletes(aStrategy('versioned', 2), 1)).toBe('versioned');
    expect(statusWhenTestCompletes(aStrategy('live', 2), 2)).toBe('live');
  });

  it('ends archived, once, and not from live', () => {
    expect(STATUSES.filter((status) => status !== 'live').map((status) => decideArchive(aStrategy(status)))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(() => decideArchive(aStrategy('live'))).toThrow(expect.objectContaining({ code: 'in_use', status: 409 }));
    expect(() => assertEditable(aStrategy('archived'))).toThrow(
      expect.objectContaining({ code: 'archived', status: 409 }),
    );
  });
});
