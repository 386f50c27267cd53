import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { SystemClock } from '#kernel';
import type { TenantTransaction } from '#platform/database';
import { ArtifactStorage, DiskObjectStore } from '#platform/storage';
import { ArtifactReader } from './artifact-reader.ts';
import type { ArtifactsRepository, ReadArtifact } from './artifacts.repository.ts';

const NAME = 'abcdef01.ndjson.gz';
const TEXT = Array.from({ length: 200_000 }, (_, i) => `{"i":${i}}\n`).join('');

describe('ArtifactReader', () => {
  let folder: string;
  let reader: ArtifactReader;
  let artifact: ReadArtifact;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'alphaswarm-artifacts-'));
    const storage = new ArtifactStorage(new DiskObjectStore(folder, new SystemClock()));
    reader = new ArtifactReader({} as TenantTransaction, {} as ArtifactsRepository, storage);
    const uri = await storage.put(NAME, gzipSync(TEXT));
    artifact = { uri, inline: null, bytes: TEXT.length, rows: 200_000, sha256: 'abcdef01' } as unknown as ReadArtifact;
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const path = (): string => join(folder, 'artifacts', 'ab', NAME);

  async function all(): Promise<number> {
    let lines = 0;
    for await (const _ of reader.lines(artifact)) lines++;
    return lines;
  }

  it('tells its reader, and nobody else, of a file that is gone or damaged', async () => {
    expect(await all()).toBe(200_000);
    writeFileSync(path(), gzipSync(TEXT).subarray(0, 100_000));
    await expect(all()).rejects.toMatchObject({ code: 'Z_BUF_ERROR' });
    await expect(reader.bytes(artifact)).rejects.toMatchObject({ code: 'Z_BUF_ERROR' });
    rmSync(path());
    await expect(all()).rejects.toMatchObject({ status: 410, code: 'artifact_gone' });
    await expect(reader.bytes(artifact)).rejects.toMatchObject({ status: 410, code: 'artifact_gone' });
  });

  it('closes the file when its reader stops', async () => {
    for await (const line of reader.lines(artifact)) {
      if (line === '{"i":1}') break;
    }
    await sleep(100);
    if (process.platform !== 'linux') return;
    const open = readdirSync('/proc/self/fd').filter((name) => {
      try {
        return readlinkSync(`/proc/self/fd/${name}`).startsWith(folder);
      } catch {
        return false;
      }
    });
    expect(open).toEqual([]);
  });
});
