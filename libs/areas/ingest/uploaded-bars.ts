import { Injectable } from '@nestjs/common';
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

  /** What the work makes of the file. Throws 404 for an unknown upload, 410 `upload_expired`. */
  async read<T>(
    ctx: WorkspaceContext,
    request: IngestRequest,
    { uploadId, intervals, signal }: { uploadId: string; intervals?: Interval[] | undefined; signal?: AbortSignal },
    work: (bars: FileOfBars, upload: UploadRow) => Promise<T>,
  ): Promise<T> {
    const { source } = request;
    const upload = await this.tx.run(ctx, () => this.uploads.find(ctx, uploadId));
    const rules = await this.rules.of(ctx, request, intervals);
    const format = (source.kind === 'upload' ? source.format : undefined) ?? upload.format;
    return this.uploads.withFile(
      upload,
      (path) =>
        work(
          {
            file: { path, format, compression: upload.compression, parse: parseOptionsOf(request) },
            filename: upload.filename,
            preset: request.preset ?? null,
            mapping: request.mapping,
            rules,
          },
          upload,
        ),
      signal,
    );
  }
}
