import { Injectable } from '@nestjs/common';
import { OwnerPool, TenantTransaction } from '#platform/database';
import { isTerminalStage } from './frame.ts';
import type { Replay, StoredFrame } from './progress.ts';

/** Frames of a batch as text without `seq`. */
export interface FrameBodies {
  stages: string[];
  bodies: string[];
  progress: number | null;
}

interface StreamRow {
  last_seq: string;
  terminal_seq: string | null;
  progress: number | null;
  first_seq: string | null;
}

const RETENTION = "interval '24 hours'";

@Injectable()
export class ProgressRepository {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly owner: OwnerPool,
  ) {}

  /**
   * In the current transaction. The last `seq`, or null when the stream takes no more frames of this attempt. Tells the
   * other processes at commit.
   */
  async append(
    taskId: string,
    orgId: string | null,
    attempt: number,
    frames: FrameBodies,
    origin: string,
  ): Promise<number | null> {
    const rows: { last: string | null }[] = await this.tx.manager.query(
      `WITH appended AS MATERIALIZED (SELECT append_frames($1::uuid, $2, $3, $4, $5, $6) AS last)
       SELECT last, CASE WHEN last IS NOT NULL THEN pg_notify('alphaswarm_progress', $1::uuid || ' ' || last || ' ' ||
         $7::text) END FROM appended`,
      [taskId, orgId, attempt, frames.stages, frames.bodies, frames.progress, origin],
    );
    const last = rows[0]?.last ?? null;
    return last === null ? null : Number(last);
  }

  /** In the current transaction. */
  async fence(taskId: string, orgId: string | null, attempt: number): Promise<void> {
    await this.tx.manager.query(
      `INSERT INTO progress_streams AS s (task_id, org_id, last_seq, epoch) VALUES ($1, $2, 0, $3)
       ON CONFLICT (task_id) DO UPDATE SET epoch = GREATEST(s.epoch, $3)`,
      [taskId, orgId, attempt],
    );
  }

  async read(taskId: string, after: number, limit: number): Promise<Replay> {
    const streams: StreamRow[] = await this.tx.manager.query(
      `SELECT last_seq, terminal_seq, progress,
         (SELECT min(seq) FROM progress_frames f WHERE f.task_id = s.task_id AND s.updated_at > now() -
         ${RETENTION}) AS first_seq
       FROM progress_streams s WHERE task_id = $1`,
      [taskId],
    );
    const [stream] = streams;
    if (!stream) return { frames: [], lastSeq: 0, firstSeq: 1, terminalSeq: null, progress: null };
    const lastSeq = Number(stream.last_seq);
    const state = {
      lastSeq,
      firstSeq: stream.first_seq === null ? lastSeq + 1 : Number(stream.first_seq),
      terminalSeq: stream.terminal_seq === null ? null : Number(stream.terminal_seq),
      progress: stream.progress,
    };
    // Not past lastSeq: what was committed between the two statements comes with the next page, with a state that fits
    // it.
    const from = Math.max(after, state.firstSeq - 1);
    const frames = from >= lastSeq ? [] : await this.#frames(taskId, from, Math.min(lastSeq, from + limit));
    return { ...state, frames };
  }

  /** Last `seq` of streams of any organization, for the fan-out. */
  async newest(taskIds: readonly string[]): Promise<{ taskId: string; last: number }[]> {
    const { rows } = await this.owner.query<{ task_id: string; last_seq: string }>(
      'SELECT task_id, last_seq FROM progress_streams WHERE task_id = ANY ($1)',
      [taskIds],
    );
    return rows.map((row) => ({ taskId: row.task_id, last: Number(row.last_seq) }));
  }

  /** Tells listeners in other processes of an ephemeral frame. */
  async announce(payload: string): Promise<void> {
    await this.owner.query("SELECT pg_notify('alphaswarm_progress', $1)", [payload]);
  }

  /**
   * Drops frames of streams that have been silent for 24 h. The counters stay, so that numbers are never used twice.
   */
  async purgeExpired(): Promise<number> {
    const { rowCount } = await this.owner.query(
      `DELETE FROM progress_frames WHERE at < now() - ${RETENTION}
       AND task_id IN (SELECT task_id FROM progress_streams WHERE updated_at < now() - ${RETENTION})`,
    );
    return rowCount ?? 0;
  }

  async #frames(taskId: string, above: number, upTo: number): Promise<StoredFrame[]> {
    const rows: { seq: string; stage: string; frame: string }[] = await this.tx.manager.query(
      'SELECT seq, stage, frame FROM progress_frames WHERE task_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq',
      [taskId, above, upTo],
    );
    return rows.map(({ seq, stage, frame }) => ({
      seq: Number(seq),
      stage,
      terminal: isTerminalStage(stage),
      text: frame,
    }));
  }
}
