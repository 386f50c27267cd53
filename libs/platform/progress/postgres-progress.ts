import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock, newId } from '#kernel';
import { TenantTransaction } from '#platform/database';
import { inSpan } from '#platform/spans';
import { type FrameInput, composeFrame, isTerminalStage } from './frame.ts';
import { type FrameBodies, ProgressRepository } from './progress.repository.ts';
import { ProgressHub } from './progress-hub.ts';
import { type FrameBatch, Progress, type Replay, type StoredFrame, TaskFinishedError } from './progress.ts';
import { ProgressSignal } from './progress-signal.ts';

interface Waiting {
  stage: string;
  body: string;
  progress: number | null;
  attempt: number;
  resolve: (seq: number) => void;
  reject: (error: unknown) => void;
}

/** Frames of one task on their way to the store. */
interface Outbox {
  waiting: Waiting[];
  flushing: Promise<void> | null;
}

const BATCH = 1_000;
const PAGE = 1_000;
/** A NOTIFY payload holds 8,000 bytes. */
const MAX_EPHEMERAL_BYTES = 7_800;

/**
 * Frames as rows, numbered by a counter row. While one batch of a task is being committed the next one gathers, so a
 * fast producer costs a commit per batch and not per frame.
 */
@Injectable()
export class PostgresProgress extends Progress implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('progress');
  readonly #origin = newId();
  readonly #outboxes = new Map<string, Outbox>();
  readonly #hub: ProgressHub;

  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly frames: ProgressRepository,
    private readonly signal: ProgressSignal,
  ) {
    super();
    this.#hub = new ProgressHub(
      (taskId, orgId, after) => this.replay(taskId, orgId, after, PAGE),
      (error) => this.#logger.warn({ msg: 'frames not fetched; the next look fetches them', err: error }),
    );
  }

  onApplicationBootstrap(): void {
    this.signal.start(this.#origin, this.#hub);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.#outboxes.values()].map((outbox) => outbox.flushing));
    await this.signal.stop();
  }

  async publish(taskId: string, orgId: string | null, frame: FrameInput, attempt = 0): Promise<number> {
    const body = composeFrame(taskId, frame, this.clock.now());
    return new Promise((resolve, reject) => {
      const outbox = this.#outbox(taskId);
      outbox.waiting.push({ stage: frame.stage, body, progress: fraction(frame), attempt, resolve, reject });
      outbox.flushing ??= this.#flush(taskId, orgId, outbox);
    });
  }

  async publishEphemeral(taskId: string, _orgId: string | null, frame: FrameInput): Promise<void> {
    const body = composeFrame(taskId, frame, this.clock.now(), MAX_EPHEMERAL_BYTES);
    const text = `${body},"ephemeral":true}`;
    this.#hub.deliverEphemeral(taskId, [{ seq: null, stage: frame.stage, terminal: false, text }]);
    await this.frames.announce(`${taskId} ${this.#origin} ${text}`);
  }

  async publishWithin(taskId: string, orgId: string | null, frame: FrameInput, attempt = 0): Promise<number> {
    const body = composeFrame(taskId, frame, this.clock.now());
    const seq = await this.#append(taskId, orgId, attempt, {
      stages: [frame.stage],
      bodies: [body],
      progress: fraction(frame),
    });
    this.tx.afterCommit(() => this.#hub.deliver(taskId, [stored(frame.stage, body, seq)]));
    return seq;
  }

  async fence(taskId: string, orgId: string | null, attempt: number): Promise<void> {
    await this.tx.runSeparately({ orgId, platform: orgId === null }, () => this.frames.fence(taskId, orgId, attempt));
  }

  replay(taskId: string, orgId: string | null, after: number, limit: number): Promise<Replay> {
    return this.tx.runSeparately({ orgId, platform: orgId === null }, () => this.frames.read(taskId, after, limit));
  }

  subscribe(taskId: string, orgId: string | null, listener: (batch: FrameBatch) => void): Promise<() => void> {
    return this.#hub.subscribe(taskId, orgId, listener);
  }

  #outbox(taskId: string): Outbox {
    const known = this.#outboxes.get(taskId);
    if (known) return known;
    const outbox: Outbox = { waiting: [], flushing: null };
    this.#outboxes.set(taskId, outbox);
    return outbox;
  }

  async #flush(taskId: string, orgId: string | null, outbox: Outbox): Promise<void> {
    // One turn of the loop, so that calls of the same turn share a commit.
    await Promise.resolve();
    while (outbox.waiting.length > 0) {
      const batch = takeBatch(outbox.waiting);
      try {
        const last = await this.#commit(taskId, orgId, batch);
        const first = last - batch.length + 1;
        this.#hub.deliver(
          taskId,
          batch.map(({ stage, body }, index) => stored(stage, body, first + index)),
        );
        batch.forEach(({ resolve }, index) => resolve(first + index));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    outbox.flushing = null;
    this.#outboxes.delete(taskId);
  }

  #commit(taskId: string, orgId: string | null, batch: readonly Waiting[]): Promise<number> {
    const bodies: FrameBodies = {
      stages: batch.map(({ stage }) => stage),
      bodies: batch.map(({ body }) => body),
      progress: batch.reduce<number | null>((newest, { progress }) => progress ?? newest, null),
    };
    return this.tx.runSeparately({ orgId, platform: orgId === null }, () =>
      this.#append(taskId, orgId, batch[0]?.attempt ?? 0, bodies),
    );
  }

  async #append(taskId: string, orgId: string | null, attempt: number, bodies: FrameBodies): Promise<number> {
    const last = await inSpan('ws.publish', () => this.frames.append(taskId, orgId, attempt, bodies, this.#origin));
    if (last === null) throw new TaskFinishedError();
    return last;
  }
}

/** Frames that may share a commit: of one attempt, and nothing behind a terminal one. */
function takeBatch(waiting: Waiting[]): Waiting[] {
  const attempt = waiting[0]?.attempt;
  let length = 0;
  while (length < waiting.length && length < BATCH && waiting[length]?.attempt === attempt) {
    length++;
    if (isTerminalStage(waiting[length - 1]?.stage ?? '')) break;
  }
  return waiting.splice(0, length);
}

function stored(stage: string, body: string, seq: number): StoredFrame {
  return { seq, stage, terminal: isTerminalStage(stage), text: `${body},"seq":${seq}}` };
}

function fraction({ extras }: FrameInput): number | null {
  const value = extras?.['progress'];
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : null;
}
