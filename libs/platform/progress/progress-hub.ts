import type { FrameBatch } from './progress.ts';

type Listener = (batch: FrameBatch) => void;

/** What is listened to in this process. `last` is the newest `seq` that was delivered, null before the first. */
interface Topic {
  readonly orgId: string | null;
  readonly listeners: Set<Listener>;
  last: number | null;
  wanted: number;
  fetching: boolean;
  ready: Promise<void>;
}

/** Reads frames above `after` from the store. */
export type FetchFrames = (
  taskId: string,
  orgId: string | null,
  after: number,
) => Promise<{ frames: FrameBatch; lastSeq: number }>;

/** Fan-out inside one process: every batch goes to every listener once and in order, whichever process published it. */
export class ProgressHub {
  readonly #topics = new Map<string, Topic>();
  readonly #fetch: FetchFrames;
  readonly #failed: (error: unknown) => void;

  constructor(fetch: FetchFrames, failed: (error: unknown) => void) {
    this.#fetch = fetch;
    this.#failed = failed;
  }

  get taskIds(): string[] {
    return [...this.#topics.keys()];
  }

  /** Resolves when it is known where listening begins: what was stored before that is the listener's own to replay. */
  async subscribe(taskId: string, orgId: string | null, listener: Listener): Promise<() => void> {
    const topic = this.#topics.get(taskId) ?? this.#open(taskId, orgId);
    topic.listeners.add(listener);
    const leave = (): void => this.#leave(taskId, topic, listener);
    try {
      await topic.ready;
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  /** A batch that this process has committed. */
  deliver(taskId: string, batch: FrameBatch): void {
    const topic = this.#topics.get(taskId);
    const first = batch[0]?.seq;
    const last = batch.at(-1)?.seq;
    if (!topic || first == null || last == null) return;
    if (topic.last !== null && first > topic.last + 1) return this.reach(taskId, last);
    const fresh = topic.last === null ? batch : batch.filter(({ seq }) => seq !== null && seq > topic.last!);
    if (fresh.length === 0) return;
    topic.last = last;
    this.#tell(topic, fresh.length === batch.length ? batch : fresh);
  }

  deliverEphemeral(taskId: string, batch: FrameBatch): void {
    const topic = this.#topics.get(taskId);
    if (topic) this.#tell(topic, batch);
  }

  /** Another process got as far as `seq`: fetches what is missing here. */
  reach(taskId: string, seq: number): void {
    const topic = this.#topics.get(taskId);
    if (!topic || (topic.last !== null && topic.last >= seq)) return;
    topic.wanted = Math.max(topic.wanted, seq);
    if (topic.last !== null) this.#catchUp(taskId, topic).catch(this.#failed);
  }

  #tell(topic: Topic, batch: FrameBatch): void {
    for (const listener of topic.listeners) listener(batch);
  }

  #open(taskId: string, orgId: string | null): Topic {
    const topic: Topic = {
      orgId,
      listeners: new Set(),
      last: null,
      wanted: 0,
      fetching: false,
      ready: Promise.resolve(),
    };
    topic.ready = this.#baseline(taskId, topic);
    this.#topics.set(taskId, topic);
    return topic;
  }

  #leave(taskId: string, topic: Topic, listener: Listener): void {
    topic.listeners.delete(listener);
    if (topic.listeners.size === 0 && this.#topics.get(taskId) === topic) this.#topics.delete(taskId);
  }

  async #baseline(taskId: string, topic: Topic): Promise<void> {
    const { lastSeq } = await this.#fetch(taskId, topic.orgId, Number.MAX_SAFE_INTEGER);
    topic.last ??= lastSeq;
    if (topic.wanted > topic.last) this.#catchUp(taskId, topic).catch(this.#failed);
  }

  async #catchUp(taskId: string, topic: Topic): Promise<void> {
    if (topic.fetching) return;
    topic.fetching = true;
    try {
      while (topic.last !== null && topic.last < topic.wanted && this.#topics.get(taskId) === topic) {
        const { frames } = await this.#fetch(taskId, topic.orgId, topic.last);
        if (frames.length === 0) break;
        this.deliver(taskId, this.#adjoin(topic, frames));
      }
    } finally {
      topic.fetching = false;
    }
  }

  /** Frames that were trimmed before they were fetched leave a jump, which the listeners see as one. */
  #adjoin(topic: Topic, frames: FrameBatch): FrameBatch {
    const first = frames[0]?.seq;
    if (first != null && topic.last !== null && first > topic.last + 1) topic.last = first - 1;
    return frames;
  }
}
