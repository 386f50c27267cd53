import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { requests, sayReady } from '../http/child.ts';

/** What the parent asks of a client: `open` first. All sizes in bytes. */
export type ClientOrder =
  | { kind: 'open'; who: 'ours' | 'sdk'; endpoint: string; bucket: string; accessKey: string; secretKey: string }
  | { kind: 'put' | 'get'; name: string; bytes: number; count: number }
  | { kind: 'flat'; bytes: number; count: number };

interface Client {
  put(key: string, body: Uint8Array | Readable): Promise<unknown>;
  get(key: string): Promise<Readable>;
}

type OpenOrder = Extract<ClientOrder, { kind: 'open' }>;

async function ours({ endpoint, bucket, accessKey, secretKey }: OpenOrder): Promise<Client> {
  const { S3ObjectStore } = (await import(
    new URL('../../dist/libs/platform/storage/s3-object-store.js', import.meta.url).href
  )) as typeof import('../../libs/platform/storage/s3-object-store.ts');
  const store = new S3ObjectStore({
    bucket,
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    pathStyle: true,
    prefix: '',
  });
  return { put: (key, body) => store.put(key, body, { ifAbsent: true }), get: (key) => store.get(key) };
}

function bare({ endpoint, bucket: Bucket, accessKey, secretKey }: OpenOrder): Client {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  });
  return {
    put: (Key, Body) => client.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*' })),
    get: async (Key) => (await client.send(new GetObjectCommand({ Bucket, Key }))).Body as Readable,
  };
}

async function drain(stream: Readable): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += (chunk as Uint8Array).length;
  return bytes;
}

/** As many bytes, made while they are read. */
function made(bytes: number): Readable {
  const block = Buffer.alloc(65_536, 7);
  return Readable.from(
    (function* (): Generator<Uint8Array> {
      for (let left = bytes; left > 0; left -= block.length) yield block.subarray(0, Math.min(left, block.length));
    })(),
    { objectMode: false },
  );
}

/** Growth of the resident memory over puts and gets of streams, after as many again for warming up. */
async function growth(client: Client, bytes: number, count: number): Promise<number> {
  const round = async (name: string): Promise<number> => {
    let most = 0;
    for (let i = 0; i < count; i++) {
      await client.put(`${name}/${i}`, made(bytes));
      if ((await drain(await client.get(`${name}/${i}`))) !== bytes) throw new Error('bytes are missing');
      most = Math.max(most, process.memoryUsage.rss());
      await setImmediate();
    }
    return most;
  };
  const before = await round(`flat-${randomBytes(4).toString('hex')}`);
  return (await round(`flat-${randomBytes(4).toString('hex')}`)) - before;
}

let client: Client | undefined;
for await (const order of requests<ClientOrder>()) {
  if (order.kind === 'open') {
    client = order.who === 'ours' ? await ours(order) : bare(order);
    sayReady({});
    continue;
  }
  if (client === undefined) throw new Error('open comes first');
  if (order.kind === 'flat') {
    sayReady({ growth: await growth(client, order.bytes, order.count) });
    continue;
  }
  const body = Buffer.alloc(order.bytes, 7);
  const from = performance.now();
  for (let i = 0; i < order.count; i++) {
    const key = `${order.name}/${i}`;
    if (order.kind === 'put') await client.put(key, body);
    else if ((await drain(await client.get(key))) !== order.bytes) throw new Error('bytes are missing');
  }
  sayReady({ seconds: (performance.now() - from) / 1_000 });
}
process.exit(0);
