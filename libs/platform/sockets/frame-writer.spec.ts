import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { StoredFrame } from '#platform/progress';
import { FrameWriter } from './frame-writer.ts';

/** A socket whose peer takes nothing until it is told to. */
class SlowPeer extends Duplex {
  readonly written: string[] = [];
  #pending: { chunk: Buffer; done: () => void }[] = [];
  open = false;

  constructor() {
    super({ writableHighWaterMark: 64 });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#pending.push({ chunk, done });
    if (this.open) this.swallow();
  }

  swallow(): void {
    this.open = true;
    for (let next = this.#pending.shift(); next; next = this.#pending.shift()) {
      this.written.push(next.chunk.toString('utf8'));
      next.done();
    }
  }
}

function frame(seq: number, stage = 'progress', bytes = 100): StoredFrame {
  return {
    seq,
    stage,
    terminal: stage === 'done',
    text: JSON.stringify({ task_id: 't', stage, message: 'x'.repeat(bytes), seq }),
  };
}

function open(limits = { coalesceBytes: 1_000, maxBufferedBytes: 4_000 }): {
  peer: SlowPeer;
  writer: FrameWriter;
  overflows: () => number;
  told: () => Record<string, unknown>[];
} {
  const peer = new SlowPeer();
  let overflows = 0;
  const writer = new FrameWriter(
    peer as unknown as Socket,
    'typed',
    0,
    limits,
    { frames: () => undefined, coalesced: () => undefined, gap: () => undefined },
    () => {
      overflows += 1;
    },
  );
  const told = (): Record<string, unknown>[] =>
    peer.written
      .flatMap((text) => text.match(/\{.*?\}(?=[^,"}]|$)/gs) ?? [])
      .map((text) => JSON.parse(text) as Record<string, unknown>);
  return { peer, writer, overflows: () => overflows, told };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('FrameWriter', () => {
  it('holds the newest of each stage for a slow peer, and tells what it left out', async () => {
    const { peer, writer, told } = open();
    writer.write([frame(1, 'progress', 1_200)]);
    writer.write([frame(2, 'progress', 1_200)]);
    for (let seq = 3; seq <= 10; seq++) writer.write([frame(seq, seq === 4 ? 'metrics' : 'progress')]);
    peer.swallow();
    await settle();
    peer.swallow();
    await settle();
    expect(told().map(({ type, seq, from, to, dropped }) => [type, seq ?? [from, to, dropped]])).toEqual([
      ['progress', 1],
      ['coalesced', [2, 3, 2]],
      ['progress', 4],
      ['coalesced', [5, 9, 5]],
      ['progress', 10],
    ]);
  });

  it('never leaves out the terminal frame', async () => {
    const { peer, writer, told } = open();
    writer.write([frame(1, 'progress', 1_200), frame(2), frame(3), frame(4, 'done')]);
    peer.swallow();
    await settle();
    expect(told().map(({ seq, type }) => seq ?? type)).toEqual([1, 'coalesced', 3, 4]);
  });

  it('gives up on a peer for which too much waits', () => {
    const { writer, overflows } = open();
    writer.write([frame(1, 'a', 1_200)]);
    for (let seq = 2; seq <= 4; seq++) writer.write([frame(seq, `stage${seq}`, 1_200)]);
    expect(overflows()).toBeGreaterThan(0);
  });

  it('writes a batch at once to a peer that keeps up', async () => {
    const { peer, writer } = open();
    peer.open = true;
    writer.write([frame(1), frame(2), frame(3)]);
    await settle();
    expect(peer.written).toHaveLength(1);
  });
});
