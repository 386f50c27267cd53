import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Bucket } from './s3-bucket.ts';

/** Parts on their way at once. With the one being filled, this bounds the memory of a put. */
const AT_ONCE = 3;

export interface MultipartTarget {
  Bucket: string;
  Key: string;
  /** Goes on the completion, which alone makes the object. */
  IfNoneMatch?: string;
}

/** Stores `first` and the parts after it as one object; returns its bytes. What fails leaves no parts behind. */
export async function multipartUpload(
  bucket: S3Bucket,
  { IfNoneMatch, ...target }: MultipartTarget,
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): Promise<number> {
  const { UploadId } = await bucket.call(async (client) => client.send(new CreateMultipartUploadCommand(target)));
  const upload = { ...target, UploadId };
  const underWay = new Set<Promise<void>>();
  try {
    const done: CompletedPart[] = [];
    let bytes = 0;
    const begin = (Body: Uint8Array): void => {
      const PartNumber = done.push({}) as number;
      bytes += Body.length;
      const sent = bucket
        .call(async (client) => client.send(new UploadPartCommand({ ...upload, PartNumber, Body })))
        .then(({ ETag }) => {
          done[PartNumber - 1] = { PartNumber, ETag };
          underWay.delete(sent);
        });
      underWay.add(sent);
      // Awaited below; one that fails while another is awaited must not count as forgotten.
      sent.catch(() => undefined);
    };
    begin(first);
    for await (const part of rest) {
      if (underWay.size >= AT_ONCE) await Promise.race(underWay);
      begin(part);
    }
    await Promise.all(underWay);
    await bucket.call(async (client) =>
      client.send(new CompleteMultipartUploadCommand({ ...upload, IfNoneMatch, MultipartUpload: { Parts: done } })),
    );
    return bytes;
  } catch (error) {
    // A part that arrives after the abort would stay, so they are waited for.
    await Promise.allSettled(underWay);
    await bucket.abandon(async (client) => client.send(new AbortMultipartUploadCommand(upload)));
    throw error;
  }
}
