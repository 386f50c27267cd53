import type { WorkspaceContext } from '#platform/context';
import type { DataFile, LakeTable, Snapshot, TableDefinition, TableName } from './lake-table.ts';

export interface SnapshotCommit {
  readonly commitId: string;
  readonly snapshotId: string;
  readonly operation: 'append' | 'overwrite' | 'delete' | 'replace';
  readonly files: readonly DataFile[];
  readonly summary: Readonly<Record<string, string>>;
  /** Milliseconds UTC. */
  readonly committedAt: number;
}

/**
 * Which tables a workspace has, and which files make up each of their snapshots. Every method runs inside the caller's
 * tenant transaction. `commit` moves the current snapshot from the one that `table` shows, or throws `CommitConflict`.
 */
export abstract class LakeCatalogue {
  abstract load(workspaceId: string, name: TableName): Promise<LakeTable | null>;
  /** Creates the table, or returns the one that another caller created first. */
  abstract create(ctx: WorkspaceContext, definition: TableDefinition): Promise<LakeTable>;
  abstract snapshot(table: LakeTable, snapshotId: string): Promise<Snapshot | null>;
  abstract files(table: LakeTable, snapshotId: string): Promise<readonly DataFile[]>;
  abstract commit(ctx: WorkspaceContext, table: LakeTable, commit: SnapshotCommit): Promise<void>;
}

/** Another writer moved the table's current snapshot in between. */
export class CommitConflict extends Error {}
