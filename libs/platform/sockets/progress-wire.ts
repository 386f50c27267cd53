import type { FrameBatch, StoredFrame } from '#platform/progress';
import { encodeTextMessage } from './text-frame.ts';

/** `plain`: frames only. `typed`: the subprotocol, where every frame has a `type`. */
export type Dialect = 'plain' | 'typed';

const frames: Record<Dialect, WeakMap<StoredFrame, Buffer>> = { plain: new WeakMap(), typed: new WeakMap() };
const batches: Record<Dialect, WeakMap<FrameBatch, Buffer>> = { plain: new WeakMap(), typed: new WeakMap() };

/** One message; the same bytes for every socket of a dialect. */
export function frameBytes(frame: StoredFrame, dialect: Dialect): Buffer {
  let bytes = frames[dialect].get(frame);
  if (!bytes) {
    bytes = encodeTextMessage(dialect === 'typed' ? `{"type":"progress",${frame.text.slice(1)}` : frame.text);
    frames[dialect].set(frame, bytes);
  }
  return bytes;
}

/** The messages of a batch behind each other, so that a socket costs one write per batch. */
export function batchBytes(batch: FrameBatch, dialect: Dialect): Buffer {
  const [only] = batch;
  if (only && batch.length === 1) return frameBytes(only, dialect);
  let bytes = batches[dialect].get(batch);
  if (!bytes) {
    bytes = Buffer.concat(batch.map((frame) => frameBytes(frame, dialect)));
    batches[dialect].set(batch, bytes);
  }
  return bytes;
}
