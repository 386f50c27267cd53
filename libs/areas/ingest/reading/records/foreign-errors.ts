import { types } from 'node:util';
import { DomainError } from '#kernel';
import { badInput, type RecordSource } from './source-record.ts';

/**
 * What a reader throws over bytes that are not what they should be, as 422 `bad_input`. Other errors are not the file's
 * doing.
 */
export type FileFault = (error: unknown) => boolean;

/** The inflaters; the text that comes out of them is taken apart by readers whose errors name a line. */
export const brokenArchive: FileFault = (error) =>
  /^(Z_(BUF_ERROR|DATA_ERROR|NEED_DICT)$|ZSTD_error_(?!memory))/.test(codeOf(error));

/**
 * Readers of binary formats have no error class of their own: over damaged bytes they fail with whatever comes first.
 * What remains is the machine's: system calls, memory, an interrupted query, a file that is not there.
 */
export const brokenColumns: FileFault = (error) =>
  types.isNativeError(error) &&
  error.name !== 'AbortError' &&
  !('syscall' in error) &&
  !/^(Out of Memory|INTERRUPT|Connection|FATAL) Error|Cannot open file|No files found/.test(error.message);

/** Opens and reads a file so that its faults are the caller's bad input, wherever in the file they come up. */
export async function readable(open: () => Promise<RecordSource>, isFault: FileFault): Promise<RecordSource> {
  const source = await open().catch((error: unknown) => {
    throw asBadInput(error, isFault);
  });
  return {
    headers: source.headers,
    columns: source.columns,
    facts: source.facts,
    async *batches() {
      const batches = source.batches()[Symbol.asyncIterator]();
      try {
        for (;;) {
          // Only the reading itself is under this roof, not what is done with the rows.
          const next = await batches.next().catch((error: unknown) => {
            throw asBadInput(error, isFault);
          });
          if (next.done) return;
          yield next.value;
        }
      } finally {
        await batches.return?.();
      }
    },
    close: () => source.close(),
  };
}

function asBadInput(error: unknown, isFault: FileFault): unknown {
  return error instanceof DomainError || !isFault(error) ? error : badInput('The file is damaged or cut off.', error);
}

function codeOf(error: unknown): string {
  return types.isNativeError(error) && 'code' in error ? String(error.code) : '';
}
