import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { LakeConfig } from '#platform/config';
import { Authorization } from '#platform/auth';
import type { WorkspaceContext } from '#platform/context';
import { INTERVALS } from './ingest-options.ts';
import { type IngestRequest, type RawIngestRequest, readIngestRequest, tableOf } from './ingest-request.ts';
import { IngestThreads } from './ingest-threads.ts';
import type { HeadFacts } from './reading/head.ts';
import type { FileOfBars } from './reading/open-bars.ts';
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
    const bars = await this.files.named(ctx, request, source.upload_id, tableKnown ? undefined : [...INTERVALS]);
    const facts = await this.#head(bars);
    const target =
      tableKnown || facts === null || facts.interval === null
        ? request.target
        : { ...request.target, table: tableOf(facts.interval) };
    return { ...request, target, recordActions: await this.#mayRecord(ctx, facts) };
  }

  /** Null when time is up. */
  async #head(file: FileOfBars): Promise<HeadFacts | null> {
    const timer = new AbortController();
    const late = sleep(WAIT_MS, null, { signal: timer.signal, ref: false }).catch(() => null);
    try {
      return await Promise.race([this.threads.head(this.#spill, file), late]);
    } finally {
      timer.abort();
    }
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
