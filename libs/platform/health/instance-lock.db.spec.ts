import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryInUseError, lockDataDirectory } from './instance-lock.ts';

describe('lockDataDirectory', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'alphaswarm-lock-'));
  });

  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('admits one service at a time', () => {
    const release = lockDataDirectory(dataDir);
    expect(() => lockDataDirectory(dataDir)).toThrow(DirectoryInUseError);
    release();
    lockDataDirectory(dataDir)();
  });

  it.each(['999999999 1', `${process.pid} 1`, 'rubbish', ''])('takes over from a service that is gone (%s)', (left) => {
    writeFileSync(join(dataDir, 'service.lock'), left);
    lockDataDirectory(dataDir);
    expect(readFileSync(join(dataDir, 'service.lock'), 'utf8')).toMatch(new RegExp(`^${process.pid}`));
  });

  it('releases its own claim only', () => {
    const release = lockDataDirectory(dataDir);
    writeFileSync(join(dataDir, 'service.lock'), '1 1');
    release();
    expect(readFileSync(join(dataDir, 'service.lock'), 'utf8')).toBe('1 1');
  });
});
