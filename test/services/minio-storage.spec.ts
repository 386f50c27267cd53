import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { StorageConfig, loadTopic } from '#platform/config';
import { StorageUnavailableError } from '#platform/storage';
import { S3ObjectStore } from '../../libs/platform/storage/s3-object-store.ts';
import { objectStoreContract } from '../../libs/platform/storage/testing/object-store-contract.ts';
import { Minio } from './minio.ts';

const minio = await Minio.start();

if (typeof minio === 'string') throw new Error(minio);

const storeWith = (env: Record<string, string> = {}): S3ObjectStore =>
  new S3ObjectStore(loadTopic(StorageConfig, { ...minio.settings, ...env }).s3!);

describe('S3ObjectStore on MinIO', () => {
  const store = storeWith({ ALPHASWARM_S3_PREFIX: 'cell' });
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: minio.settings['ALPHASWARM_S3_ENDPOINT_URL']!,
    forcePathStyle: true,
    credentials: {
      accessKeyId: minio.settings['ALPHASWARM_S3_ACCESS_KEY']!,
      secretAccessKey: minio.settings['ALPHASWARM_S3_SECRET_KEY']!,
    },
  });

  afterAll(async () => {
    store.onApplicationShutdown();
    client.destroy();
    await minio.remove();
  });

  objectStoreContract(
    () => store,
    async () => {
      const { Uploads = [] } = await client.send(
        new ListMultipartUploadsCommand({ Bucket: minio.settings['ALPHASWARM_S3_BUCKET'], Prefix: 'cell/' }),
      );
      return Uploads.map(({ Key }) => Key ?? '');
    },
  );

  it.each([
    ['a bucket that is not there', { ALPHASWARM_S3_BUCKET: 'nowhere' }],
    ['a secret that is wrong', { ALPHASWARM_S3_SECRET_KEY: 'wrong-secret' }],
    ['a server that is not there', { ALPHASWARM_S3_ENDPOINT_URL: 'http://127.0.0.1:1' }],
  ])('is away with %s', async (_, env) => {
    const away = storeWith(env);
    await expect(away.probe()).rejects.toThrow(StorageUnavailableError);
    await expect(away.put('a', Buffer.from('x'))).rejects.toThrow(StorageUnavailableError);
    await expect(away.get('a')).rejects.toThrow(StorageUnavailableError);
    await expect(away.stat('a')).rejects.toThrow(StorageUnavailableError);
    await expect(away.delete('a')).rejects.toThrow(StorageUnavailableError);
    away.onApplicationShutdown();
  });
});
