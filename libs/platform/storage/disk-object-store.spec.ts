import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FixedClock, SystemClock } from '#kernel';
import { DiskObjectStore } from './disk-object-store.ts';
import { StorageUnavailableError } from './storage-errors.ts';
import { objectStoreContract } from './testing/object-store-contract.ts';

describe('DiskObjectStore', () => {
  const root = mkdtempSync(join(tmpdir(), 'alphaswarm-objects-'));
  const store = new DiskObjectStore(root, new SystemClock());

  afterAll(() => rmSync(root, { recursive: true }));

  objectStoreContract(
    () => store,
    async () => readdirSync(join(root, '.staging')),
  );

  it('removes what a killed process left half written, but nothing that may be under way', async () => {
    mkdirSync(join(root, '.staging'), { recursive: true });
    writeFileSync(join(root, '.staging', 'half'), 'ha');
    await store.onModuleInit();
    expect(readdirSync(join(root, '.staging'))).toEqual(['half']);
    await new DiskObjectStore(root, new FixedClock(new SystemClock().now() + 3 * 3_600_000)).onModuleInit();
    expect(readdirSync(join(root, '.staging'))).toEqual([]);
  });

  it('is away where its directory cannot be one', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    await expect(new DiskObjectStore(file, new SystemClock()).probe()).rejects.toThrow(StorageUnavailableError);
  });
});
