import type { Layer } from './lake-schema.ts';
import type { TableDefinition } from './lake-table.ts';

export interface AppendOptions {
  /** Must be the layer of the table's namespace. */
  readonly layer: Layer;
  /** One append per (table, key) ever; a repeat returns the first outcome. At most 200 characters. */
  readonly commitKey: string;
  /** SHA-256 hex of what is appended: the same key with another payload is refused. */
  readonly payloadSha256: string;
  readonly dedupe: 'revision' | 'skip' | 'none';
  readonly runId: string | null;
  /** Creates the table when it is missing; without it only the tables of every workspace are created on first use. */
  readonly definition?: TableDefinition;
  readonly signal?: AbortSignal;
  /** Wait for a process that holds the same key to finish or to be given up, instead of answering 409 at once. */
  readonly waitForLease?: boolean;
  /** Called before the commit; from here on the append can no longer be cancelled. */
  readonly beforeCommit?: (written: { files: number; rows: number }) => Promise<void>;
  /** Runs inside the transaction that commits: what it writes stands exactly when the new version does. */
  readonly inCommit?: (outcome: AppendOutcome) => Promise<void>;
}

export interface AppendOutcome {
  readonly commitId: string;
  /** Null when every row was stored already: then there is no new snapshot, and `version` is the current one. */
  readonly snapshotId: string | null;
  readonly version: number | null;
  readonly rows: number;
  readonly duplicates: number;
  /** Rows whose key was seen with other values (`dup_conflict`, data.md 6.7), and the line of the first. */
  readonly conflicts: number;
  readonly conflictFirstLine: number | null;
  readonly replayed: boolean;
}
