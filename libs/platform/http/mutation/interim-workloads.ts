import { Injectable } from '@nestjs/common';
import { newId } from '#kernel';
import type { RequestContext } from '#platform/context';

export interface WorkloadRun { id: string }

@Injectable()
export class WorkloadRuntime {
  begin(_context: RequestContext, _intent: { action: string; targetKind: string; targetId: string; payload: unknown; idempotencyKey?: string }): Promise<WorkloadRun> {
    return Promise.resolve({ id: newId() });
  }
  finish(_run: WorkloadRun, _outcome: { status: string; errorCode?: string; result?: unknown }): Promise<void> { return Promise.resolve(); }
}
