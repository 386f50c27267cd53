import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { DomainError } from '#kernel';
import { LakeConfig } from '#platform/config';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { type RawIngestRequest, readIngestRequest } from './ingest-request.ts';
import { IngestThreads } from './ingest-threads.ts';
import { parseOptionsOf } from './parse-options.ts';
import type { Preview } from './reading/preview-bars.ts';
import { RuleOptions } from './rule-options.ts';
import { UploadsService } from './uploads.service.ts';

/** What a run would make of an upload, without one. */
@Injectable()
export class PreviewsService {
  readonly #tx: TenantTransaction;
  readonly #uploads: UploadsService;
  readonly #rules: RuleOptions;
  readonly #threads: IngestThreads;
  readonly #spill: string;

  constructor(tx: TenantTransaction, uploads: UploadsService, rules: RuleOptions, threads: IngestThreads, lake: LakeConfig) {
    this.#tx = tx;
    this.#uploads = uploads;
    this.#rules = rules;
    this.#threads = threads;
    this.#spill = join(lake.staging, 'previews');
  }

  async preview(ctx: WorkspaceContext, raw: RawIngestRequest): Promise<Preview> {
    const request = readIngestRequest(raw);
    const { source } = request;
    if (source.kind !== 'upload') throw new DomainError(501, 'not_implemented', { detail: 'Only uploads can be previewed.' });
    const { upload, path } = await this.#tx.run(ctx, () => this.#uploads.open(ctx, source.upload_id));
    return this.#threads.preview(this.#spill, {
      file: { path, format: source.format ?? upload.format, compression: upload.compression, parse: parseOptionsOf(request) }, mapping: request.mapping, rules: await this.#rules.of(ctx, request),
    });
  }
}
