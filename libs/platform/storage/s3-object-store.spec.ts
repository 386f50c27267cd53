import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { S3ObjectStore } from './s3-object-store.ts';
import { StorageUnavailableError } from './storage-errors.ts';

const MIB = 1024 * 1024;

/** What a real server does too rarely to be tested with; the contract is kept with MinIO. */
describe('S3ObjectStore', () => {
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => {
    request.resume().once('end', () => answer(request, response));
  });
  let store: S3ObjectStore;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    store = new S3ObjectStore({
      bucket: 'bucket',
      prefix: '',
      region: 'us-east-1',
      pathStyle: true,
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    });
  });

  afterAll(() => {
    store.onApplicationShutdown();
    server.close();
    server.closeAllConnections();
  });

  it('calls the storage away, which is worth another try, when the answer to a completion is lost', async () => {
    let completions = 0;
    answer = ({ method, url = '' }, response) => {
      if (url.endsWith('?uploads='))
        response.end('<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>');
      else if (method === 'PUT') response.setHeader('etag', '"part"').end();
      else if (method === 'POST' && ++completions === 1) response.socket?.destroy();
      else response.writeHead(404).end('<Error><Code>NoSuchUpload</Code></Error>');
    };
    await expect(store.put('a/large', Buffer.alloc(9 * MIB))).rejects.toThrow(StorageUnavailableError);
    expect(completions).toBe(2);
  });

  it('calls the storage away when it dies within an answer, read at once or later', async () => {
    let cut = Promise.withResolvers<void>();
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('the first bytes');
      response.once('close', () => cut.resolve());
      setImmediate(() => response.socket?.destroy());
    };
    await expect(buffer(await store.get('a/cut'))).rejects.toThrow(StorageUnavailableError);
    cut = Promise.withResolvers();
    const unread = await store.get('a/cut');
    await cut.promise;
    await expect(buffer(unread)).rejects.toThrow(StorageUnavailableError);
  });

  it.each([
    ['before the answer', false],
    ['within the answer', true],
  ])('breaks a copy off that is aborted %s', async (_, answering) => {
    const asked = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    answer = (_request, response) => {
      response.once('close', () => gone.resolve());
      if (answering) response.writeHead(200, { 'content-length': 1000 }).write('the first bytes');
      asked.resolve();
    };
    const directory = mkdtempSync(join(tmpdir(), 'alphaswarm-s3-'));
    const abort = new AbortController();
    const copy = store.copyTo('a/slow', join(directory, 'slow'), abort.signal);
    copy.catch(() => undefined);
    try {
      await asked.promise;
      for (let i = 0; answering && i < 500 && !existsSync(join(directory, 'slow')); i++) await sleep(10);
      const reason = new Error('cancelled');
      abort.abort(reason);
      await expect(copy).rejects.toBe(reason);
      await gone.promise;
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('takes a wrong key for a fault of ours', async () => {
    await expect(store.get('../b')).rejects.toThrow(RangeError);
    await expect(store.copyTo('../b', 'never')).rejects.toThrow(RangeError);
    await expect(store.stat('../b')).rejects.toThrow(RangeError);
    await expect(store.delete('../b')).rejects.toThrow(RangeError);
  });
});
