import { Injectable, type PipeTransform } from '@nestjs/common';
import { inWorkspace } from '#platform/context';
import { currentExchange } from '#platform/http';
import type { StartIngestBody } from './dto/ingest.requests.ts';
import { RequestChecks } from './request-checks.ts';

/**
 * Checks options and the head of the file while the request is validated, so that a wrong one is refused before
 * anything is recorded.
 */
@Injectable()
export class CheckIngestPipe implements PipeTransform<StartIngestBody, Promise<StartIngestBody>> {
  constructor(private readonly checks: RequestChecks) {}

  async transform(body: StartIngestBody): Promise<StartIngestBody> {
    const context = currentExchange()?.request.context;
    if (!context) throw new Error('a run is started by a request with a context');
    body.prepared = await this.checks.prepare(inWorkspace(context), body);
    return body;
  }
}
