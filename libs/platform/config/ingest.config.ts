import type { EnvReader } from './env-reader.ts';

/** Limits of ingestion (data.md 11). */
export class IngestConfig {
  readonly maxUploadBytes: number;
  /** Rows of one run; what lies beyond is left out and the run says `truncated`. */
  readonly maxRows: number;

  constructor(env: EnvReader) {
    this.maxUploadBytes = env.integer('ALPHASWARM_INGEST_MAX_UPLOAD_BYTES', 2_147_483_648, { min: 1_024 });
    this.maxRows = env.integer('ALPHASWARM_ICEBERG_MAX_ROWS_PER_DATASET', 5_000_000, { min: 1 });
  }
}
