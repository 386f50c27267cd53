import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { DomainError } from '#kernel';
import { LakeConfig } from '#platform/config';
import type { WorkspaceContext } from '#platform/context';
import { INTERVALS } from './ingest-options.ts';
import { type RawIngestRequest, readIngestRequest } from './ingest-request.ts';
import { IngestThreads } from './ingest-threads.ts';
import type { Preview } from './reading/preview-bars.ts';
import type { Proposal } from './reading/propose.ts';
import { UploadedBars } from './uploaded-bars.ts';

export interface PreviewAnswer extends Omit<Preview, 'proposal'> {
  /** Asked for, or recognised. */
  readonly preset: string | null;
  /** Body of POST /ingest/runs. */
  readonly proposal: Record<string, unknown>;
}

/** What a run would make of an upload, without one. */
@Injectable()
export class PreviewsService {
  readonly #spill: string;

  constructor(
    private readonly files: UploadedBars,
    private readonly threads: IngestThreads,
    lake: LakeConfig,
  ) {
    this.#spill = join(lake.staging, 'previews');
  }

  async preview(ctx: WorkspaceContext, raw: RawIngestRequest): Promise<PreviewAnswer> {
    const { request, tableKnown } = readIngestRequest(raw);
    const { source } = request;
    if (source.kind !== 'upload')
      throw new DomainError(501, 'not_implemented', { detail: 'Only uploads can be previewed.' });
    const named = { uploadId: source.upload_id, intervals: tableKnown ? undefined : [...INTERVALS] };
    const { proposal, ...preview } = await this.files.read(ctx, request, named, (bars) =>
      this.threads.preview(this.#spill, { ...bars, maxReplacedRatio: request.validation.max_replaced_ratio }),
    );
    return { ...preview, preset: proposal.preset, proposal: proposedBody(raw, source, proposal) };
  }
}

/** What was asked, with what was found out beside it: explicit options stay as they are. */
function proposedBody(
  { target, parse, mapping, timezone, validation, dedupe, limits }: RawIngestRequest,
  source: object,
  { preset, columns, constants, parse: proposed }: Proposal,
): Record<string, unknown> {
  const given = (mapping ?? {}) as { columns?: object; constants?: object };
  const said = withProposed((parse ?? {}) as Record<string, unknown>, proposed);
  const asked = { target, parse: Object.keys(said).length === 0 ? parse : said, timezone, validation, dedupe, limits };
  return {
    source,
    ...(preset === null ? {} : { preset }),
    ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)),
    mapping: { ...given, columns: { ...columns, ...given.columns }, constants: { ...constants, ...given.constants } },
  };
}

/** What is given of decimal and thousands is not completed: a half of a style may contradict the other. */
function withProposed(given: Record<string, unknown>, { date_format, ...style }: Proposal['parse']): object {
  const styled = 'decimal' in given || 'thousands' in given ? {} : style;
  return { ...(date_format === undefined ? {} : { date_format }), ...styled, ...given };
}
