import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import busboy from 'busboy';
import { DomainError } from '#kernel';

export interface UploadedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly filename: string | null;
  /** Text fields beside the file, such as `sha256` and `size`. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Takes the one file part out of a spooled multipart body and writes it to `target`. Throws 422 `bad_multipart`. */
export async function extractFile(spooled: string, contentType: string, target: string): Promise<UploadedFile> {
  const fields: Record<string, string> = {};
  const hash = createHash('sha256');
  let bytes = 0;
  let filename: string | null = null;
  let written: Promise<Error | undefined> | undefined;
  let files = 0;
  const parser = openParser(contentType);
  parser.on('field', (name, value) => {
    fields[name] = value;
  });
  parser.on('file', (_, part, info) => {
    files++;
    if (files > 1) {
      // An emitter without a listener ends the process with its error.
      part.on('error', (error: Error) => parser.destroy(error)).resume();
      return;
    }
    filename = info.filename ?? null;
    const measure = new Transform({
      transform(chunk: Buffer, __, done) {
        bytes += chunk.length;
        hash.update(chunk);
        done(null, chunk);
      },
    });
    // Its failure is caught where it starts, because the body may break before anybody waits for the file; and a parser
    // without a reader would wait for ever.
    written = pipeline(part, measure, createWriteStream(target, { mode: 0o600 })).then(
      () => undefined,
      (error: Error) => {
        parser.destroy(error);
        return error;
      },
    );
  });
  const broken = await pipeline(createReadStream(spooled), parser).then(
    () => undefined,
    (error: Error) => error,
  );
  const failure = (await written) ?? broken;
  // A full disk is no fault of the body.
  if (failure && 'syscall' in failure) throw failure;
  if (failure)
    throw new DomainError(422, 'bad_multipart', {
      detail: 'The multipart body is not complete or not well-formed.',
      cause: failure,
    });
  if (files !== 1)
    throw new DomainError(422, 'bad_multipart', {
      detail: `The multipart body has ${files} files; exactly one is expected.`,
    });
  return { path: target, bytes, sha256: hash.digest('hex'), filename, fields };
}

function openParser(contentType: string): busboy.Busboy {
  try {
    // Browsers and curl send names in UTF-8 (RFC 7578 5.1); the parser would read Latin-1.
    return busboy({
      headers: { 'content-type': contentType },
      defParamCharset: 'utf8',
      limits: { fields: 20, fieldSize: 4_096, parts: 30 },
    });
  } catch (cause) {
    throw new DomainError(422, 'bad_multipart', { detail: 'The multipart boundary is missing.', cause });
  }
}
