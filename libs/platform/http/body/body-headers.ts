import { MIMEType } from 'node:util';
import type { Request } from 'express';
import { DomainError } from '#kernel';

export function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

export function payloadTooLarge(maxBytes: number): DomainError {
  return new DomainError(413, 'payload_too_large', { detail: `The body of this route has at most ${maxBytes} bytes.` });
}

/** 413 when the announced length is over the limit already. */
export function checkLength(request: Request, maxBytes: number): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw payloadTooLarge(maxBytes);
}

/** 415 for any content coding; we take bodies as they are. */
export function checkEncoding(request: Request): void {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== 'identity') throw unsupported('Compressed bodies are not accepted.');
}

/** 415 unless the body is JSON in UTF-8. */
export function checkJsonType(request: Request): void {
  const type = mediaType(request.headers['content-type']);
  if (!type || (type.essence !== 'application/json' && !/^application\/[^/]+\+json$/.test(type.essence))) {
    throw unsupported('The body must be JSON: Content-Type application/json.');
  }
  const charset = type.params.get('charset');
  if (charset !== null && charset.toLowerCase() !== 'utf-8') throw unsupported('The charset must be UTF-8.');
}

/**
 * 415 for what wraps the file in another shape than `multipart/form-data`: its wrapping would be taken for the file's
 * content.
 */
export function checkFileType(request: Request): void {
  const essence = mediaType(request.headers['content-type'])?.essence;
  if (essence === 'application/x-www-form-urlencoded') {
    throw unsupported(
      'A form is no file. Send the bytes with Content-Type application/octet-stream (curl: -H, or it says form), ' +
        'or the file as multipart/form-data.',
    );
  }
  if (essence?.startsWith('multipart/') && essence !== 'multipart/form-data') {
    throw unsupported(
      `A body of ${essence} is no file. Send the bytes as they are with Content-Type application/octet-stream, or ` +
        `the file as multipart/form-data.`,
    );
  }
}

function mediaType(header: string | undefined): MIMEType | null {
  try {
    return header === undefined ? null : new MIMEType(header);
  } catch {
    return null;
  }
}

function unsupported(detail: string): DomainError {
  return new DomainError(415, 'unsupported_media_type', { detail });
}
