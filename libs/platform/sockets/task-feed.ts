import type { FrameBatch, Progress, Replay, StoredFrame } from '#platform/progress';
import type { FrameWriter } from './frame-writer.ts';

/** The task a feed follows. */
export interface FedTask {
  readonly id: string;
  readonly orgId: string | null;
  /** The terminal frame from the task's record, for a stream whose frames are gone; null while the task goes on. */
  lastFrame(): Promise<StoredFrame | null>;
}

const PAGE = 500;
const CONGESTION_LOOK_MS = 20;

/** Frames of one task above a `seq`, replayed and then live, each once and in order, up to the terminal one. */
export class TaskFeed {
  readonly #progress: Progress;
  readonly #task: FedTask;
  readonly #writer: FrameWriter;
  readonly #ended: () => void;
  #cursor: number;
  #live = false;
  #stopped = false;
  /** Newest frame heard of while replaying. */
  #heard = 0;
  #leave: (() => void) | undefined;

  constructor(progress: Progress, task: FedTask, after: number, writer: FrameWriter, ended: () => void) {
    this.#progress = progress;
    this.#task = task;
    this.#cursor = after;
    this.#writer = writer;
    this.#ended = ended;
  }

  /**
   * Begins; `greet` is called with the state of the stream before the first frame. Rejects when the store cannot be
   * read.
   */
  async start(greet: (state: Replay) => void): Promise<void> {
    this.#leave = await this.#progress.subscribe(this.#task.id, this.#task.orgId, (batch) => this.#hear(batch));
    if (this.#stopped) return this.#leave();
    const first = await this.#page();
    greet(first);
    // `after` beyond the end counts as the end.
    this.#cursor = Math.min(this.#cursor, first.lastSeq);
    await this.#replay(first);
  }

  stop(): void {
    this.#stopped = true;
    this.#leave?.();
  }

  #page(): Promise<Replay> {
    return this.#progress.replay(this.#task.id, this.#task.orgId, this.#cursor, PAGE);
  }

  async #replay(first?: Replay): Promise<void> {
    this.#live = false;
    for (let page = first ?? (await this.#page()); !this.#stopped; page = await this.#page()) {
      if (page.frames.length > 0) this.#deliverPage(page);
      else if (await this.#atEnd(page)) return;
      while (this.#writer.congested && !this.#stopped)
        await new Promise((resolve) => setTimeout(resolve, CONGESTION_LOOK_MS));
    }
  }

  /** Nothing more is stored: live from here, or ended. */
  async #atEnd({ terminalSeq, lastSeq }: Replay): Promise<boolean> {
    if (terminalSeq !== null && this.#cursor >= terminalSeq) {
      this.#end();
      return true;
    }
    if (this.#cursor < lastSeq) return this.#missing(lastSeq);
    if (this.#heard > this.#cursor) return false;
    this.#live = true;
    return true;
  }

  /** Frames that were kept once and are gone. */
  async #missing(lastSeq: number): Promise<boolean> {
    const last = await this.#task.lastFrame();
    if (!last) {
      this.#gap(lastSeq, 'expired');
      this.#cursor = lastSeq;
      this.#writer.skipTo(lastSeq);
      return false;
    }
    const seq = last.seq ?? lastSeq;
    if (seq > this.#cursor + 1) this.#gap(seq - 1, 'expired');
    this.#deliver([last]);
    return true;
  }

  #deliverPage({ frames, firstSeq }: Replay): void {
    const first = frames[0]?.seq ?? this.#cursor + 1;
    if (first > this.#cursor + 1) this.#gap(first - 1, firstSeq === first ? 'trimmed' : 'lost');
    this.#deliver(frames);
  }

  #gap(to: number, reason: 'trimmed' | 'expired' | 'lost'): void {
    this.#writer.control({ type: 'gap', task_id: this.#task.id, from: this.#cursor + 1, to, reason });
    this.#writer.skipTo(to);
  }

  #hear(batch: FrameBatch): void {
    const last = batch.at(-1)?.seq;
    if (last == null) {
      if (this.#live) this.#writer.write(batch);
      return;
    }
    this.#heard = Math.max(this.#heard, last);
    if (!this.#live || this.#stopped) return;
    const first = batch[0]?.seq ?? last;
    if (first === this.#cursor + 1) return this.#deliver(batch);
    const fresh = batch.filter(({ seq }) => seq !== null && seq > this.#cursor);
    if (fresh[0]?.seq === this.#cursor + 1) return this.#deliver(fresh);
    if (fresh.length > 0) this.#replay().catch(() => this.#ended());
  }

  #deliver(batch: FrameBatch): void {
    this.#writer.write(batch);
    this.#cursor = batch.at(-1)?.seq ?? this.#cursor;
    if (batch.at(-1)?.terminal) this.#end();
  }

  #end(): void {
    if (this.#stopped) return;
    this.stop();
    this.#ended();
  }
}
