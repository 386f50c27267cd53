import type { Socket } from 'node:net';
import type { FrameBatch, StoredFrame } from '#platform/progress';
import { type Dialect, batchBytes, frameBytes } from './progress-wire.ts';
import { encodeTextMessage } from './text-frame.ts';

export interface WriterLimits {
  coalesceBytes: number;
  maxBufferedBytes: number;
}

/** What is counted of one socket. */
export interface WriterMeter {
  frames(count: number): void;
  coalesced(count: number): void;
  gap(): void;
}

/**
 * Frames of tasks onto one socket, never waiting for it (platform.md 9.5): above `coalesceBytes` unsent only the newest
 * frame of each stage is held back, above `maxBufferedBytes` the socket is too slow. Terminal frames always go out, in
 * their place.
 */
export class FrameWriter {
  readonly #socket: Socket;
  readonly #dialect: Dialect;
  readonly #limits: WriterLimits;
  readonly #meter: WriterMeter;
  readonly #overflow: () => void;
  readonly #held = new Map<string, StoredFrame>();
  #heldBytes = 0;
  /** Newest `seq` written. */
  #written: number;
  #lastWrite = performance.now();

  constructor(
    socket: Socket,
    dialect: Dialect,
    after: number,
    limits: WriterLimits,
    meter: WriterMeter,
    overflow: () => void,
  ) {
    this.#socket = socket;
    this.#dialect = dialect;
    this.#written = after;
    this.#limits = limits;
    this.#meter = meter;
    this.#overflow = overflow;
    socket.on('drain', () => this.#release());
  }

  /** Performance clock of the last write. */
  get lastWrite(): number {
    return this.#lastWrite;
  }

  get congested(): boolean {
    return this.#socket.writableLength > this.#limits.coalesceBytes;
  }

  /** Frames up to `seq` need not come: they were trimmed or belong to an earlier connection. */
  skipTo(seq: number): void {
    this.#written = Math.max(this.#written, seq);
  }

  write(batch: FrameBatch): void {
    if (this.#held.size === 0 && this.#socket.writableLength + this.#sizeOf(batch) <= this.#limits.coalesceBytes) {
      this.#put(batchBytes(batch, this.#dialect));
      this.#meter.frames(batch.length);
      this.#written = batch.at(-1)?.seq ?? this.#written;
      return;
    }
    for (const frame of batch) this.#writeOne(frame);
    if (this.#socket.writableLength + this.#heldBytes > this.#limits.maxBufferedBytes) this.#overflow();
  }

  /** A control message of the subprotocol. */
  control(message: Record<string, unknown>): void {
    if (message['type'] === 'gap') this.#meter.gap();
    if (this.#dialect === 'typed') this.#put(encodeTextMessage(JSON.stringify(message)));
  }

  #sizeOf(batch: FrameBatch): number {
    let size = 0;
    for (const frame of batch) size += frameBytes(frame, this.#dialect).length;
    return size;
  }

  #writeOne(frame: StoredFrame): void {
    if (frame.terminal) {
      this.#flush();
      this.#tell(frame);
    } else if (this.#held.size === 0 && !this.congested) this.#tell(frame);
    else this.#hold(frame);
  }

  #hold(frame: StoredFrame): void {
    const older = this.#held.get(frame.stage);
    if (older) {
      this.#held.delete(frame.stage);
      this.#heldBytes -= frameBytes(older, this.#dialect).length;
    }
    this.#held.set(frame.stage, frame);
    this.#heldBytes += frameBytes(frame, this.#dialect).length;
  }

  #release(): void {
    if (this.#held.size > 0 && !this.congested) this.#flush();
  }

  #flush(): void {
    // Insertion order is seq order, as every newer frame of a stage is inserted anew.
    for (const frame of this.#held.values()) this.#tell(frame);
    this.#held.clear();
    this.#heldBytes = 0;
  }

  /** Writes a frame, and before it how many were coalesced into it. */
  #tell(frame: StoredFrame): void {
    const { seq } = frame;
    if (seq !== null) {
      const dropped = seq - this.#written - 1;
      const taskId = dropped > 0 ? (JSON.parse(frame.text) as { task_id: string }).task_id : '';
      if (dropped > 0) {
        this.#meter.coalesced(dropped);
        this.control({ type: 'coalesced', task_id: taskId, dropped, from: this.#written + 1, to: seq - 1 });
      }
      this.#written = seq;
    }
    this.#put(frameBytes(frame, this.#dialect));
    this.#meter.frames(1);
  }

  #put(bytes: Buffer): void {
    if (!this.#socket.writable) return;
    this.#lastWrite = performance.now();
    this.#socket.write(bytes);
  }
}
