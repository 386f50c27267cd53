import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecretFile, secretFile } from './secret-file.ts';

describe('secretFile', () => {
  const directory = mkdtempSync(join(tmpdir(), 'secret-file-'));
  const file = join(directory, 'deep', 'own.key');
  afterAll(() => rmSync(directory, { recursive: true }));

  it('makes a secret once, for its owner alone, and leaves nothing else behind', () => {
    expect(secretFile(file, () => 'first\n')).toBe('first');
    expect(
      secretFile(file, () => {
        throw new Error('made twice');
      }),
    ).toBe('first');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(directory, 'deep'))).toEqual(['own.key']);
  });

  it('takes the secret of whoever was first', () => {
    const raced = join(directory, 'raced.key');
    expect(secretFile(raced, () => secretFile(raced, () => 'theirs') && 'ours')).toBe('theirs');
  });

  it('refuses a secret that others may read', () => {
    chmodSync(file, 0o640);
    expect(() => readSecretFile(file)).toThrow(/readable by its owner only/);
    expect(() => secretFile(file, () => 'second')).toThrow(/readable by its owner only/);
  });
});
