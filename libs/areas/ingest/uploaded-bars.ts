import { Injectable } from '@nestjs/common';
import { NotFoundError, ValidationError } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { Interval } from '#quant/bars';
import type { IngestRequest } from './ingest-request.ts';
import { parseOptionsOf } from './parse-options.ts';
import type { FileOfBars } from './reading/open-bars.ts';
import { RuleOptions } from './rule-options.ts';
import type { UploadRow } from './uploads.repository.ts';
import { UploadsService } from './uploads.service.ts';

/** The file of a request and how it is to be read: the same for preview, start and run. */
@Injectable()
export class UploadedBars {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly uploads: UploadsService,
    private readonly rules: RuleOptions,
  ) {}

  /** Throws 404 for an unknown upload, 410 `upload_expired`. */
  async of(
    ctx: WorkspaceContext,
    request: IngestRequest,
    uploadId: string,
    intervals?: Interval[],
  ): Promise<{ upload: UploadRow; bars: FileOfBars }> {
    const { source } = request;
    const { upload, path } = await this.tx.run(ctx, () => this.uploads.open(ctx, uploadId));
    const format = (source.kind === 'upload' ? source.format : undefined) ?? upload.format;
    return {
      upload,
      bars: {
        file: { path, format, compression: upload.compression, parse: parseOptionsOf(request) },
        filename: upload.filename,
        preset: request.preset ?? null,
        mapping: request.mapping,
        rules: await this.rules.of(ctx, request, intervals),
      },
    };
  }

  /** As `of`; the body of a request that names an unknown upload is 422. */
  async named(
    ctx: WorkspaceContext,
    request: IngestRequest,
    uploadId: string,
    intervals?: Interval[],
  ): Promise<FileOfBars> {
    try {
      return (await this.of(ctx, request, uploadId, intervals)).bars;
    } catch (error) {
      if (error instanceof NotFoundError)
        throw new ValidationError([
          { pointer: '/source/upload_id', code: 'unknown_upload', message: 'must be an upload of this workspace' },
        ]);
      throw error;
    }
  }
}
