import { loadTopic } from './load-config.ts';
import { StorageConfig } from './storage.config.ts';

describe('StorageConfig', () => {
  it('keeps objects on disk unless a bucket is named', () => {
    expect(loadTopic(StorageConfig, { ALPHASWARM_S3_ENDPOINT_URL: 'http://127.0.0.1:9000' }).s3).toBeUndefined();
  });

  it('takes a bucket alone, and everything that may be said of it', () => {
    expect(loadTopic(StorageConfig, { ALPHASWARM_S3_BUCKET: 'b' }).s3).toEqual({
      bucket: 'b',
      endpoint: undefined,
      region: 'us-east-1',
      credentials: undefined,
      pathStyle: true,
      prefix: '',
    });
    expect(
      loadTopic(StorageConfig, {
        ALPHASWARM_S3_BUCKET: 'b',
        ALPHASWARM_S3_ENDPOINT_URL: 'https://s3.example',
        ALPHASWARM_S3_REGION: 'eu-central-1',
        ALPHASWARM_S3_ACCESS_KEY: 'k',
        ALPHASWARM_S3_SECRET_KEY: 's',
        ALPHASWARM_S3_PATH_STYLE_ACCESS: 'false',
        ALPHASWARM_S3_PREFIX: '/cells/1/',
      }).s3,
    ).toEqual({
      bucket: 'b',
      endpoint: 'https://s3.example',
      region: 'eu-central-1',
      credentials: { accessKeyId: 'k', secretAccessKey: 's' },
      pathStyle: false,
      prefix: 'cells/1/',
    });
  });

  it.each([
    [{ ALPHASWARM_S3_ACCESS_KEY: 'k' }, /both or not at all/],
    [{ ALPHASWARM_S3_SECRET_KEY: 's' }, /both or not at all/],
    [{ ALPHASWARM_S3_ENDPOINT_URL: 'localhost:9000' }, /ALPHASWARM_S3_ENDPOINT_URL is a URL/],
  ])('refuses %j', (env, problem) => {
    expect(() => loadTopic(StorageConfig, { ALPHASWARM_S3_BUCKET: 'b', ...env })).toThrow(problem);
  });
});
