import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { Logger } from '@nestjs/common';
import type { S3Settings } from '#platform/config';
import { StorageUnavailableError } from './storage-errors.ts';

const CONNECT_MS = 5_000;
const IDLE_MS = 30_000;
const ATTEMPTS = 3;
const SOCKETS = 64;
/** Moved elsewhere, refused, or asked to slow down. */
const AWAY: ReadonlySet<number> = new Set([301, 401, 403, 429]);
/** What an operator has to put right; trying again changes nothing. */
const MISCONFIGURED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AllAccessDisabled',
  'ExpiredToken',
  'Forbidden',
  'InvalidAccessKeyId',
  'NoSuchBucket',
  'PermanentRedirect',
  'SignatureDoesNotMatch',
]);

/** The client of one bucket, with its limits; tells absence of the storage from answers about an object. */
export class S3Bucket {
  readonly name: string;
  readonly prefix: string;
  readonly #logger = new Logger('storage');
  readonly #client: S3Client;
  #reported: string | undefined;

  constructor(settings: S3Settings) {
    this.name = settings.bucket;
    this.prefix = settings.prefix;
    this.#client = new S3Client({
      region: settings.region,
      forcePathStyle: settings.pathStyle,
      maxAttempts: ATTEMPTS,
      ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
      ...(settings.credentials === undefined ? {} : { credentials: settings.credentials }),
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        socketTimeout: IDLE_MS,
        httpAgent: { keepAlive: true, maxSockets: SOCKETS },
        httpsAgent: { keepAlive: true, maxSockets: SOCKETS },
      },
      // The signature covers the SHA-256 of every body; a second sum costs time, and trailers some servers.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /**
   * What the client answers. Throws `StorageUnavailableError` where the storage does not answer or refuses its account;
   * answers about an object (`statusOf` 404, 409, 412, 416) and faults of ours come through as the SDK throws them.
   */
  async call<T>(work: (client: S3Client) => Promise<T>): Promise<T> {
    try {
      const answer = await work(this.#client);
      this.#reported = undefined;
      return answer;
    } catch (error) {
      throw this.#isAway(error) ? this.away(error) : error;
    }
  }

  /** The absence to throw, after a line in the log where an operator has to act; one line until it works again. */
  away(cause: unknown, reason = nameOf(cause)): StorageUnavailableError {
    if (MISCONFIGURED.has(reason) && this.#reported !== reason) {
      this.#reported = reason;
      this.#logger.error({ msg: 'the object storage refuses', bucket: this.name, reason });
    }
    return new StorageUnavailableError(cause);
  }

  /** Work whose failure changes nothing for the caller, who has an error to throw already; it is logged. */
  async abandon(work: (client: S3Client) => Promise<unknown>): Promise<void> {
    await this.call(work).catch((error: unknown) =>
      this.#logger.warn({ msg: 'parts of a failed upload stay in the bucket', bucket: this.name, err: error }),
    );
  }

  close(): void {
    this.#client.destroy();
  }

  /** No status: the connection failed, or there were no credentials to sign with. */
  #isAway(error: unknown): boolean {
    const status = statusOf(error);
    return status === undefined || status >= 500 || AWAY.has(status) || MISCONFIGURED.has(nameOf(error));
  }
}

/** HTTP status of what the storage answered; undefined where nothing came back. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/** The refusal's own name; HEAD has no body to hold one. */
function nameOf(error: unknown): string {
  const name = error instanceof Error ? error.name : 'unknown';
  return statusOf(error) === 403 && !MISCONFIGURED.has(name) ? 'AccessDenied' : name;
}
