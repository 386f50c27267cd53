import type { IngestRequest } from './ingest-request.ts';
import type { RefusalCount, RunWarning } from './reading/tally.ts';

/** Of data.md 6.1, in their order. */
export const RUN_STATUSES = [
  'queued',
  'running',
  'validating',
  'committing',
  'verifying',
  'succeeded',
  'partially_succeeded',
  'failed',
  'cancelled',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
export const TRIGGERS = ['manual', 'schedule', 'backfill', 'api', 'worker', 'retry', 'replay'] as const;

export interface RunCommit {
  commit_id: string;
  version: number;
  snapshot_id: string;
}

export interface RunCounts {
  rowsRead: number;
  rowsWritten: number;
  rowsDuplicate: number;
  rowsQuarantined: number;
  bytesRead: number;
  truncated: boolean;
  reasons: Record<string, number>;
  refusals: RefusalCount[];
  warnings: RunWarning[];
  commits: RunCommit[];
}

export interface IngestRunRow {
  id: string;
  org_id: string;
  workspace_id: string;
  task_id: string | null;
  pipeline_id: string | null;
  trigger: string;
  status: RunStatus;
  request: IngestRequest;
  source: Record<string, unknown>;
  target: Record<string, unknown>;
  commit_root: string;
  rows_read: string;
  rows_written: string;
  rows_duplicate: string;
  rows_quarantined: string;
  bytes_read: string;
  truncated: boolean;
  reasons: Record<string, number>;
  refusals: RefusalCount[];
  warnings: RunWarning[];
  commits: RunCommit[];
  ol_run_id: string;
  attempt: number;
  retry_of: string | null;
  error: { code: string; message: string } | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

const FINAL: ReadonlySet<RunStatus> = new Set(['succeeded', 'partially_succeeded', 'failed', 'cancelled']);

export function isFinal(status: RunStatus): boolean {
  return FINAL.has(status);
}

/** How a run that committed ends (data.md 14, V7). */
export function finalStatus({
  truncated,
  rowsQuarantined,
}: Pick<RunCounts, 'truncated' | 'rowsQuarantined'>): 'succeeded' | 'partially_succeeded' {
  return truncated || rowsQuarantined > 0 ? 'partially_succeeded' : 'succeeded';
}

/** True when more of the rows were refused than the run accepts. */
export function tooManyRejects(rowsRead: number, rowsRejected: number, maxRatio: number): boolean {
  return rowsRead > 0 && rowsRejected / rowsRead > maxRatio;
}
