import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

  it('keeps nothing under the name of an object whose put was killed, and sweeps its half', async () => {
    const args = ['--conditions=source', '--import', './libs/platform/jobs/testing/register-swc.mjs'];
    const child = spawn(process.execPath, [...args, 'libs/platform/storage/testing/half-put.ts', root, 'a/half'], {
      stdio: 'inherit',
    });
    const staged = (): number[] =>
      readdirSync(join(root, '.staging')).map((name) => statSync(join(root, '.staging', name)).size);
    for (let i = 0; i < 500 && !staged().includes(1024 * 1024); i++) await sleep(20);
    child.kill('SIGKILL');
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    expect(staged()).toEqual([1024 * 1024]);
    expect(await store.stat('a/half')).toBeNull();
    await new DiskObjectStore(root, new FixedClock(new SystemClock().now() + 3 * 3_600_000)).onModuleInit();
    expect(readdirSync(join(root, '.staging'))).toEqual([]);
    await store.put('a/half', Buffer.from('whole'));
    expect(await store.stat('a/half')).toEqual({ bytes: 5 });
  });

  it('keeps no handle of an object that it cannot look at', async () => {
    await store.put('a/unseen', Buffer.from('bytes'));
    const handle = await open(join(root, 'a/unseen'));
    await handle.close();
    const handles = Object.getPrototypeOf(handle) as { stat: FileHandle['stat'] };
    const { stat } = handles;
    const seen: FileHandle[] = [];
    handles.stat = function (this: FileHandle): Promise<never> {
      seen.push(this);
      return Promise.reject(Object.assign(new Error('broken disk'), { code: 'EIO' }));
    };
    try {
      await expect(store.get('a/unseen')).rejects.toThrow(StorageUnavailableError);
    } finally {
      handles.stat = stat;
    }
    expect(seen.map(({ fd }) => fd)).toEqual([-1]);
  });

  it('is away where its directory cannot be one', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    await expect(new DiskObjectStore(file, new SystemClock()).probe()).rejects.toThrow(StorageUnavailableError);
  });
});
