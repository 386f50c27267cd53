import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { NotFoundError, ValidationError } from '#kernel';
import { LakeConfig } from '#platform/config';
import { Authorization } from '#platform/auth';
import type { WorkspaceContext } from '#platform/context';
import { INTERVALS } from './ingest-options.ts';
import { type IngestRequest, type RawIngestRequest, readIngestRequest, tableOf } from './ingest-request.ts';
import { IngestThreads } from './ingest-threads.ts';
import type { HeadFacts } from './reading/head.ts';
import { UploadedBars } from './uploaded-bars.ts';

/**
 * Time that the start of a run waits for a thread and the head of its file; what it has not seen by then, the run
 * tells.
 */
const WAIT_MS = 10_000;

/** Refuses a request that the options or the head of its file show to be wrong, before anything is recorded of it. */
@Injectable()
export class RequestChecks {
  readonly #spill: string;

  constructor(
    private readonly files: UploadedBars,
    private readonly threads: IngestThreads,
    private readonly authorization: Authorization,
    lake: LakeConfig,
  ) {
    this.#spill = join(lake.staging, 'heads');
  }

  /**
   * Throws what `readIngestRequest` and `checkHead` throw, and 403 `forbidden` where the file would record actions and
   * the caller may not. Not inside a transaction.
   */
  async prepare(ctx: WorkspaceContext, raw: RawIngestRequest): Promise<IngestRequest> {
    const { request, tableKnown } = readIngestRequest(raw);
    const { source } = request;
    if (source.kind !== 'upload') return request;
    const named = { uploadId: source.upload_id, intervals: tableKnown ? undefined : [...INTERVALS] };
    const facts = await inTime(
      this.files.read(ctx, request, named, (bars) => this.threads.head(this.#spill, bars)).catch(asUnknownUpload),
    );
    const target =
      tableKnown || facts === null || facts.interval === null
        ? request.target
        : { ...request.target, table: tableOf(facts.interval) };
    return { ...request, target, recordActions: await this.#mayRecord(ctx, facts) };
  }

  /** Corporate actions are shared by all tenants, so what a file states of them needs the permission to write data. */
  async #mayRecord(ctx: WorkspaceContext, facts: HeadFacts | null): Promise<boolean> {
    if (facts !== null && !facts.actions) return false;
    const access = await this.authorization.activeAccess(ctx);
    if (facts === null) return this.authorization.permits(ctx, 'data:write', access);
    this.authorization.demand(ctx, 'data:write', access);
    return true;
  }
}

/** Null when time is up. */
async function inTime(facts: Promise<HeadFacts>): Promise<HeadFacts | null> {
  const timer = new AbortController();
  const late = sleep(WAIT_MS, null, { signal: timer.signal, ref: false }).catch(() => null);
  try {
    return await Promise.race([facts, late]);
  } finally {
    timer.abort();
  }
}

/** The body of a request that names an unknown upload is 422. */
function asUnknownUpload(error: unknown): never {
  if (error instanceof NotFoundError)
    throw new ValidationError([
      { pointer: '/source/upload_id', code: 'unknown_upload', message: 'must be an upload of this workspace' },
    ]);
  throw error;
}
