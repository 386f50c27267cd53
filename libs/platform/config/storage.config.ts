import type { EnvReader } from './env-reader.ts';

/** A bucket and how it is reached. */
export interface S3Settings {
  bucket: string;
  /** Absent: that of AWS for the region. */
  endpoint: string | undefined;
  region: string;
  /** Absent: the chain of the SDK (environment, profile, role of the machine). */
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined;
  pathStyle: boolean;
  /** Before every key, such as `cell-1/`; empty or with `/` at its end. */
  prefix: string;
}

/** Where objects are kept (data.md 6.11). */
export class StorageConfig {
  /** Absent: on disk, below ALPHASWARM_DATA_DIR. */
  readonly s3: S3Settings | undefined;

  constructor(env: EnvReader) {
    const bucket = env.optional('ALPHASWARM_S3_BUCKET');
    const endpoint = env.url('ALPHASWARM_S3_ENDPOINT_URL', ['http:', 'https:']);
    const region = env.text('ALPHASWARM_S3_REGION', 'us-east-1');
    const pathStyle = env.boolean('ALPHASWARM_S3_PATH_STYLE_ACCESS', true);
    const prefix = env.text('ALPHASWARM_S3_PREFIX', '').replace(/^\/+|\/+$/g, '');
    const credentials = credentialsOf(env);
    if (bucket === undefined) return;
    this.s3 = { bucket, endpoint, region, credentials, pathStyle, prefix: prefix && `${prefix}/` };
  }
}

function credentialsOf(env: EnvReader): S3Settings['credentials'] {
  const accessKeyId = env.optional('ALPHASWARM_S3_ACCESS_KEY');
  const secretAccessKey = env.optional('ALPHASWARM_S3_SECRET_KEY');
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey };
  if (accessKeyId !== undefined || secretAccessKey !== undefined)
    env.refuse('ALPHASWARM_S3_ACCESS_KEY and ALPHASWARM_S3_SECRET_KEY are given both or not at all');
  return undefined;
}
