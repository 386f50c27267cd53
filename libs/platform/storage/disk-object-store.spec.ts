import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskObjectStore } from './disk-object-store.ts';
import { StorageUnavailableError } from './storage-errors.ts';
import { objectStoreContract } from './testing/object-store-contract.ts';

describe('DiskObjectStore', () => {
  const root = mkdtempSync(join(tmpdir(), 'alphaswarm-objects-'));
  const store = new DiskObjectStore(root);

  afterAll(() => rmSync(root, { recursive: true }));

  objectStoreContract(
    () => store,
    async () => readdirSync(join(root, '.staging')),
  );

  it('is away where its directory cannot be one', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    await expect(new DiskObjectStore(file).probe()).rejects.toThrow(StorageUnavailableError);
  });
});
