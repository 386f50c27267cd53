import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepSpool } from './spool.ts';

describe('sweepSpool', () => {
  it('removes what is older than an hour, and needs no directory', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'alphaswarm-spool-'));
    for (const name of ['old', 'new']) writeFileSync(join(directory, name), 'bars');
    const now = Date.UTC(2026, 0, 2);
    utimesSync(join(directory, 'old'), now / 1_000 - 3_601, now / 1_000 - 3_601);
    utimesSync(join(directory, 'new'), now / 1_000 - 3_599, now / 1_000 - 3_599);
    await sweepSpool(directory, now);
    expect(readdirSync(directory)).toEqual(['new']);
    rmSync(directory, { recursive: true });
    await expect(sweepSpool(directory, now)).resolves.toBeUndefined();
  });
});
