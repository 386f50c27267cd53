import { linkSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeAbandoned } from './abandoned-files.ts';

const HOUR_MS = 3_600_000;

describe('removeAbandoned', () => {
  it('removes what is older than its life, and needs no directory', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'alphaswarm-abandoned-'));
    writeFileSync(join(directory, 'old'), 'bars');
    await sleep(20);
    writeFileSync(join(directory, 'new'), 'bars');
    const now = statSync(join(directory, 'old')).ctimeMs + HOUR_MS + 1;
    await removeAbandoned(directory, now, HOUR_MS);
    expect(readdirSync(directory)).toEqual(['new']);
    rmSync(directory, { recursive: true });
    await expect(removeAbandoned(directory, now, HOUR_MS)).resolves.toBeUndefined();
  });

  it('leaves a new second name of an old file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'alphaswarm-abandoned-'));
    const object = join(mkdtempSync(join(tmpdir(), 'alphaswarm-object-')), 'object');
    writeFileSync(object, 'bars');
    utimesSync(object, 0, 0);
    linkSync(object, join(directory, 'copy'));
    const made = statSync(object).ctimeMs;
    await removeAbandoned(directory, made + HOUR_MS, HOUR_MS);
    expect(readdirSync(directory)).toEqual(['copy']);
    await removeAbandoned(directory, made + HOUR_MS + 1, HOUR_MS);
    expect(readdirSync(directory)).toEqual([]);
  });
});
