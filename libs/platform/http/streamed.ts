import type { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { currentExchange } from './exchange.ts';

/**
 * A stream as answer. One that fails before its first byte is answered with a problem document, a later one with a
 * connection that breaks off.
 */
export function streamed(stream: Readable, type: string): StreamableFile {
  const exchange = currentExchange();
  return new StreamableFile(stream, { type }).setErrorHandler((error) => exchange?.fail?.(error));
}
