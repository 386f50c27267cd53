import { DomainError } from '#kernel';
import type { FrameInput, TerminalFrame } from './frame.ts';

/** A frame as it is stored and sent: the same object for every socket, so that it is encoded once. */
export interface StoredFrame {
  /** Null for an ephemeral frame. */
  readonly seq: number | null;
  readonly stage: string;
  readonly terminal: boolean;
  /** JSON with `seq`. */
  readonly text: string;
}

/** Frames of one task in rising `seq`, delivered together. */
export type FrameBatch = readonly StoredFrame[];

export interface StreamState {
  /** 0 when nothing was said yet. */
  readonly lastSeq: number;
  /** Oldest frame that can still be read; `lastSeq + 1` when none can. */
  readonly firstSeq: number;
  /** Null while the task goes on. */
  readonly terminalSeq: number | null;
  /** Newest `progress` value, 0 to 1. */
  readonly progress: number | null;
}

export interface Replay extends StreamState {
  readonly frames: FrameBatch;
}

/** A frame came after the terminal one: 409. */
export class TaskFinishedError extends DomainError {
  constructor() {
    super(409, 'task_finished', { detail: 'The task has its terminal frame; nothing follows it.' });
  }
}

/**
 * Progress of tasks (platform.md 9.3, 9.4): frames numbered from 1 without gap, exactly one terminal frame and none
 * after it, kept for replay (the newest 10,000, 24 h), and fanned out to whoever listens, in this process and in the
 * others. Drivers pass `progress.contract.ts`.
 */
export abstract class Progress {
  /**
   * Stores and sends a frame; resolves with its `seq` once it is durable. Frames of one task keep the order of the
   * calls. `attempt` rises with every execution; a lower one is refused. Throws TaskFinishedError after the terminal
   * frame or when replaced.
   */
  abstract publish(taskId: string, orgId: string | null, frame: FrameInput, attempt?: number): Promise<number>;

  /** Sends a frame to whoever listens now: no `seq`, not stored, not replayed. */
  abstract publishEphemeral(taskId: string, orgId: string | null, frame: FrameInput): Promise<void>;

  /**
   * In the caller's tenant transaction: a frame that exists if and only if the transaction commits, and is sent after
   * that. Resolves with its `seq`.
   */
  abstract publishWithin(taskId: string, orgId: string | null, frame: FrameInput, attempt?: number): Promise<number>;

  /** The terminal frame, in the transaction that ends the task. */
  finish(taskId: string, orgId: string | null, frame: TerminalFrame, attempt?: number): Promise<number> {
    return this.publishWithin(taskId, orgId, frame, attempt);
  }

  /** Frames of earlier attempts are refused from now on. */
  abstract fence(taskId: string, orgId: string | null, attempt: number): Promise<void>;

  /** Up to `limit` retained frames with a `seq` above `after`, and the state of the stream at that moment. */
  abstract replay(taskId: string, orgId: string | null, after: number, limit: number): Promise<Replay>;

  /**
   * Hears every frame that is stored after the promise resolves, in order (and perhaps some from shortly before).
   * Whoever also needs earlier ones replays after it has resolved. Resolves with the way to stop.
   */
  abstract subscribe(taskId: string, orgId: string | null, listener: (batch: FrameBatch) => void): Promise<() => void>;
}
