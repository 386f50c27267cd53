import { Body, Controller, Headers, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#platform/auth';
import { Context, inWorkspace, type RequestContext } from '#platform/context';
import { Audited, NotAudited, Refuses, SpooledUpload, type Spooled, Upload } from '#platform/http';
import { PreviewBody, UploadQuery } from './dto/ingest.requests.ts';
import { PreviewView, UploadView } from './dto/ingest.views.ts';
import { PreviewsService } from './previews.service.ts';
import type { UploadRow } from './uploads.repository.ts';
import { UploadsService } from './uploads.service.ts';

/** The most that ALPHASWARM_INGEST_MAX_UPLOAD_BYTES can allow; the service checks the configured limit. */
const MAX_BODY_BYTES = 2_149_580_800;

/** Routes of data.md 4.2. */
@ApiTags('ingest')
@Controller('ingest')
export class UploadsController {
  constructor(
    private readonly uploads: UploadsService,
    private readonly previews: PreviewsService,
  ) {}

  @Post('uploads')
  @SpooledUpload({ maxBytes: MAX_BODY_BYTES })
  @Requires('ingest:run')
  @Audited('ingest.upload', { prepares: true })
  @ApiOperation({ summary: 'Upload a file, as raw body or as the one file of a multipart form' })
  @ApiCreatedResponse({ type: UploadView })
  async store(
    @Context() ctx: RequestContext,
    @Upload() upload: Spooled,
    @Query() query: UploadQuery,
    @Headers('x-filename') filename: string | undefined,
  ): Promise<() => Promise<UploadView>> {
    const id = await this.uploads.store(inWorkspace(ctx), upload, {
      sha256: query.sha256,
      size: query.size,
      filename: query.filename ?? filename,
    });
    return async () => viewOf(await this.uploads.complete(id));
  }

  @Post('preview')
  @HttpCode(200)
  @Requires('ingest:run')
  @NotAudited('stores nothing')
  @Refuses('upload_expired', 'not_implemented')
  @ApiOperation({ summary: 'What a run would make of the first rows of an upload' })
  @ApiOkResponse({ type: PreviewView })
  preview(@Context() ctx: RequestContext, @Body() { upload_id, ...body }: PreviewBody): Promise<PreviewView> {
    return this.previews.preview(inWorkspace(ctx), { ...body, source: body.source ?? { kind: 'upload', upload_id } });
  }
}

function viewOf({ id, media_type, size_bytes, expires_at, ...row }: UploadRow): UploadView {
  return {
    upload_id: id,
    sha256: row.sha256,
    media_type_detected: media_type,
    format: row.format,
    size_bytes: Number(size_bytes),
    filename: row.filename,
    state: row.state,
    expires_at: expires_at.toISOString(),
  };
}
