import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ObjectStore } from '../object-store.ts';
import { ObjectExistsError, ObjectMissingError } from '../storage-errors.ts';

const MIB = 1024 * 1024;
const WRITERS = 8;

/** What every driver keeps. `leftovers`: names of anything that is kept and is no object, such as unfinished parts. */
export function objectStoreContract(store: () => ObjectStore, leftovers: () => Promise<string[]>): void {
  const read = async (key: string, range?: { from: number; to?: number }): Promise<string> =>
    (await buffer(await store().get(key, range))).toString();

  it('gives back what was put, and replaces it', async () => {
    expect(await store().put('a/one', Buffer.from('first'))).toEqual({ bytes: 5 });
    expect(await read('a/one')).toBe('first');
    await store().put('a/one', Readable.from([Buffer.from('sec'), Buffer.from('ond one')]));
    expect(await read('a/one')).toBe('second one');
    expect(await store().stat('a/one')).toEqual({ bytes: 10 });
  });

  it('reads ranges, both ends inclusive', async () => {
    await store().put('a/range', Buffer.from('0123456789'));
    expect(await read('a/range', { from: 0, to: 0 })).toBe('0');
    expect(await read('a/range', { from: 3, to: 5 })).toBe('345');
    expect(await read('a/range', { from: 7 })).toBe('789');
    expect(await read('a/range', { from: 8, to: 100 })).toBe('89');
    expect(await read('a/range', { from: 10 })).toBe('');
  });

  it('keeps an empty object', async () => {
    expect(await store().put('a/empty', Readable.from([]))).toEqual({ bytes: 0 });
    expect(await store().stat('a/empty')).toEqual({ bytes: 0 });
    expect(await read('a/empty')).toBe('');
  });

  it('knows what is not there, and deletes without asking', async () => {
    await store().put('a/gone', Buffer.from('x'));
    await store().delete('a/gone');
    await store().delete('a/gone');
    expect(await store().stat('a/gone')).toBeNull();
    await expect(store().get('a/gone')).rejects.toThrow(ObjectMissingError);
    await expect(store().get('a/gone', { from: 0, to: 1 })).rejects.toThrow(ObjectMissingError);
  });

  it('takes the keys that it should, and no others', async () => {
    for (const key of ['alone', 'b/c.d_e-f=g+h@i', `x/${'y'.repeat(200)}`]) {
      await store().put(key, Buffer.from(key));
      expect(await read(key)).toBe(key);
    }
    for (const key of ['', '/', 'a//b', '/b', 'b/', '.', '..', 'b/../c', '.staging/x', 'b\\c', 'b c', 'b\0', 'ü'])
      for (const call of [
        () => store().put(key, Buffer.alloc(1)),
        () => store().get(key),
        () => store().copyTo(key, join(tmpdir(), 'never')),
        () => store().stat(key),
        () => store().delete(key),
      ])
        await expect(call).rejects.toThrow(RangeError);
  });

  it('refuses a source that cannot even be opened, and ends nothing else', async () => {
    await expect(store().put('a/none', createReadStream(join(tmpdir(), 'no', 'such', 'file')))).rejects.toThrow(
      /ENOENT/,
    );
    expect(await store().stat('a/none')).toBeNull();
    expect(await leftovers()).toEqual([]);
  });

  it('makes a file of an object, and none of what is not there', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'alphaswarm-object-'));
    try {
      await store().put('a/copied', Buffer.from('bytes'));
      await store().copyTo('a/copied', join(directory, 'copied'));
      expect(await readFile(join(directory, 'copied'), 'utf8')).toBe('bytes');
      await store().delete('a/copied');
      expect(await readFile(join(directory, 'copied'), 'utf8')).toBe('bytes');
      await expect(store().copyTo('a/copied', join(directory, 'gone'))).rejects.toBeInstanceOf(ObjectMissingError);
      const reason = new Error('cancelled');
      await store().put('a/copied', Buffer.from('bytes'));
      await expect(store().copyTo('a/copied', join(directory, 'late'), AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(await readdir(directory)).toEqual(['copied']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it.each([1024, 9 * MIB])('lets one of eight writers of %d bytes win', async (bytes) => {
    const bodies = Array.from({ length: WRITERS }, (_, writer) => Buffer.alloc(bytes, writer));
    const puts = await Promise.allSettled(bodies.map((body) => store().put(`race/${bytes}`, body, { ifAbsent: true })));
    const won = puts.findIndex(({ status }) => status === 'fulfilled');
    expect(puts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const put of puts) if (put.status === 'rejected') expect(put.reason).toBeInstanceOf(ObjectExistsError);
    const kept = await buffer(await store().get(`race/${bytes}`));
    expect(kept.equals(bodies[won]!)).toBe(true);
    expect(await leftovers()).toEqual([]);
  });

  it.each([8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 20 * MIB])('keeps %d bytes as they are', async (bytes) => {
    const body = randomBytes(bytes);
    const pieces = function* (): Generator<Buffer> {
      for (let at = 0; at < bytes; at += 1_000_003) yield body.subarray(at, at + 1_000_003);
    };
    for (const put of [body, Readable.from(pieces())]) {
      expect(await store().put('a/large', put)).toEqual({ bytes });
      expect((await buffer(await store().get('a/large'))).equals(body)).toBe(true);
    }
    const from = Math.floor(bytes / 2);
    const part = await buffer(await store().get('a/large', { from, to: from + 99 }));
    expect(part.equals(body.subarray(from, from + 100))).toBe(true);
  });

  it.each([10, 20 * MIB])('leaves what was there when its source breaks after %d bytes', async (bytes) => {
    await store().put('a/broken', Buffer.from('before'));
    const source = Readable.from(
      (function* () {
        for (let at = 0; at < bytes; at += MIB) yield Buffer.alloc(Math.min(MIB, bytes - at));
        throw new Error('the source broke');
      })(),
    );
    await expect(store().put('a/broken', source)).rejects.toThrow('the source broke');
    expect(await read('a/broken')).toBe('before');
    expect(await leftovers()).toEqual([]);
  });

  it('answers its probe', async () => {
    await expect(store().probe()).resolves.toBeUndefined();
  });
}
