import type { IngestRequest } from './ingest-request.ts';
import type { ParseOptions } from './reading/records/source-record.ts';

export function parseOptionsOf({ parse }: IngestRequest): ParseOptions {
  return {
    delimiter: parse.delimiter ?? null,
    quote: parse.quote,
    escape: parse.escape,
    encoding: parse.encoding ?? null,
    header: parse.header ?? null,
    skipRows: parse.skip_rows,
  };
}
