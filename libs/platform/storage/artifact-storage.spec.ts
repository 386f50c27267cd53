import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '#kernel';
import { ArtifactStorage } from './artifact-storage.ts';
import { DiskObjectStore } from './disk-object-store.ts';

describe('ArtifactStorage', () => {
  const directory = mkdtempSync(join(tmpdir(), 'alphaswarm-artifacts-'));
  const storage = new ArtifactStorage(new DiskObjectStore(directory, new SystemClock()));
  const name = `${'ab'.repeat(32)}.ndjson.gz`;

  afterAll(() => rmSync(directory, { recursive: true }));

  it('gives back what was put, and keeps equal content once however many write it', async () => {
    const addresses = await Promise.all(Array.from({ length: 8 }, () => storage.put(name, Buffer.from('rows'))));
    expect(new Set(addresses)).toEqual(new Set([`artifact:${name}`]));
    expect(Buffer.from(await storage.read(`artifact:${name}`)).toString()).toBe('rows');
    expect(readdirSync(join(directory, 'artifacts', 'ab'))).toEqual([name]);
  });

  it.each(['../secret', 'artifact:../../etc/passwd', 'file:///etc/passwd', 'artifact:'])(
    'refuses the address %s',
    async (uri) => {
      await expect(async () => storage.read(uri)).rejects.toThrow(/not an artifact address/);
    },
  );

  it('refuses a name that is no hash', async () => {
    await expect(storage.put('../x', Buffer.alloc(0))).rejects.toThrow(/not an artifact name/);
  });
});
