import { once } from 'node:events';
import { type IncomingMessage, type Server, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { Response } from 'express';
import type { RoutedRequest } from '../exchange.ts';
import { compressAnswers, wantsGzip } from './compressed-answers.ts';

type Answer = (response: Response, request: RoutedRequest) => void;

describe('compressAnswers', () => {
  let server: Server;
  let answer: Answer;

  beforeAll(async () => {
    server = createServer((incoming, outgoing) => {
      const [request, response] = [incoming as RoutedRequest, outgoing as Response];
      compressAnswers(request, response, () => answer(response, request));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  afterAll(() => {
    server.close();
  });

  function ask(how: Answer, encoding = 'gzip'): Promise<IncomingMessage> {
    answer = how;
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve, reject) => {
      get({ port, host: '127.0.0.1', headers: { 'accept-encoding': encoding } }, resolve).on('error', reject);
    });
  }

  async function read(
    how: Answer,
    encoding?: string,
  ): Promise<{ encoding: string | undefined; length: string | undefined; text: string }> {
    const response = await ask(how, encoding);
    const bytes = Buffer.concat((await response.toArray()) as Buffer[]);
    const { 'content-encoding': coding, 'content-length': length } = response.headers;
    return { encoding: coding, length, text: (coding === 'gzip' ? gunzipSync(bytes) : bytes).toString() };
  }

  const json =
    (text: string): Answer =>
    (response) =>
      response.setHeader('Content-Type', 'application/json; charset=utf-8').end(text);

  it.each([
    [1_024, undefined],
    [1_025, 'gzip'],
  ])('sends %d bytes as %s', async (length, encoding) => {
    const text = 'x'.repeat(length);
    expect(await read(json(text))).toMatchObject({ encoding, text });
    expect(await read(json(text), 'identity')).toEqual({ encoding: undefined, length: String(length), text });
  });

  it.each([
    'application/json',
    'application/problem+json',
    'application/x-ndjson',
    'text/csv',
    'text/html; charset=utf-8',
  ])('compresses %s', async (type) => {
    expect((await read((response) => response.setHeader('Content-Type', type).end('x'.repeat(2_000)))).encoding).toBe(
      'gzip',
    );
  });

  it.each(['application/vnd.apache.parquet', 'image/png', 'text/plain', 'application/octet-stream'])(
    'leaves %s alone',
    async (type) => {
      expect(await read((response) => response.setHeader('Content-Type', type).end('x'.repeat(2_000)))).toMatchObject({
        encoding: undefined,
        length: '2000',
      });
    },
  );

  it('leaves alone what the route forbids', async () => {
    expect(
      (
        await read((response, request) => {
          request.uncompressed = true;
          json('x'.repeat(2_000))(response, request);
        })
      ).encoding,
    ).toBeUndefined();
  });

  it('leaves an empty answer empty', async () => {
    expect(
      await read((response) => {
        response.statusCode = 204;
        response.end();
      }),
    ).toMatchObject({ encoding: undefined, text: '' });
  });

  it('sends every batch of a stream when it is written', async () => {
    let more = (): void => undefined;
    const response = await ask((to) => {
      to.setHeader('Content-Type', 'application/x-ndjson');
      to.write(`${'a'.repeat(2_000)}\n`);
      more = () => to.end(`${'b'.repeat(2_000)}\n`);
    });
    const lines = response.pipe(createGunzip()).setEncoding('utf8');
    let text = '';
    lines.on('data', (chunk: string) => {
      text += chunk;
    });
    while (!text.endsWith('a\n')) await once(lines, 'data');
    more();
    await once(lines, 'end');
    expect(text).toBe(`${'a'.repeat(2_000)}\n${'b'.repeat(2_000)}\n`);
  });

  it('passes a large stream through at the pace of its reader', async () => {
    const piece = 'x,y,z\n'.repeat(10_000);
    const { text } = await read((response) => {
      response.setHeader('Content-Type', 'text/csv');
      Readable.from(Array.from({ length: 100 }, () => piece)).pipe(response);
    });
    expect(text.length).toBe(piece.length * 100);
  });

  it.each([[100], [5_000]])('lets another answer take the place of %d bytes that have not left', async (length) => {
    expect(
      await read((response, request) => {
        response.setHeader('Content-Type', 'application/json');
        response.write('x'.repeat(length));
        request.withdraw?.();
        response.removeHeader('Content-Encoding');
        response.statusCode = 500;
        response.setHeader('Content-Type', 'application/problem+json').end('{"code":"internal_error"}');
      }),
    ).toMatchObject({ encoding: undefined, text: '{"code":"internal_error"}' });
  });

  it('breaks off with the connection', async () => {
    const closed = new Promise<void>((resolve) => {
      server.once('request', (_, response: Response) => response.once('close', () => resolve()));
    });
    const response = await ask((to) => {
      to.setHeader('Content-Type', 'application/json');
      to.write('x'.repeat(2_000));
    });
    response.on('error', () => undefined).destroy();
    await closed;
  });
});

describe('wantsGzip', () => {
  it.each(['gzip', 'br, gzip, deflate', '*', 'gzip;q=0.5', 'deflate, gzip;q=1.0, *;q=0.5'])('is told by %s', (header) =>
    expect(wantsGzip(header)).toBe(true),
  );
  it.each([undefined, '', 'identity', 'br', 'gzip;q=0', '*;q=0', 'gzip;q=0, *', 'identity;q=1, gzip;q=0.5'])(
    'is not told by %s',
    (header) => expect(wantsGzip(header)).toBe(false),
  );
});
