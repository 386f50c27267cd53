import { type EntryBody, GENESIS_HASH, type UnsealedEntry, entryHash } from '../audit-entry.ts';
import type { ChainId } from '../chain.ts';
import type { Json } from '../redaction/index.ts';

export const ENTRIES_PER_CHECKPOINT = 1_000;

/** The end of a chain. Hashes are lower-case hex. */
export interface ChainHead {
  chain_id: ChainId;
  seq: number;
  hash: string;
  /** `seq` of the newest checkpoint; 0 without one. */
  checkpoint_seq: number;
  /** Time of the first entry since then; null when there is none. */
  open_since: string | null;
}

export interface SealedEntry {
  chain_id: ChainId;
  seq: number;
  run_id: string | null;
  kind: string;
  body: EntryBody;
  payload: Json;
  prev_hash: string;
  entry_hash: string;
  at: string;
}

/** A place in a chain that is to be signed. */
export interface CheckpointDue {
  chain_id: ChainId;
  seq: number;
  hash: string;
}

export interface SealedBatch {
  entries: SealedEntry[];
  heads: ChainHead[];
  checkpoints: CheckpointDue[];
}

/**
 * Appends `entries`, which are in the order (at, id), to their chains. Pure. `heads`: those of the chains that have
 * entries already.
 */
export function seal(entries: readonly UnsealedEntry[], heads: Iterable<ChainHead>): SealedBatch {
  const ends = new Map<ChainId, ChainHead>();
  for (const head of heads) ends.set(head.chain_id, { ...head });
  const batch: SealedBatch = { entries: [], heads: [], checkpoints: [] };
  for (const { chain_id, kind, run_id, body, payload, at } of entries) {
    const head = ends.get(chain_id) ?? { chain_id, seq: 0, hash: GENESIS_HASH, checkpoint_seq: 0, open_since: null };
    ends.set(chain_id, head);
    const sealed: EntryBody = { ...body, seq: head.seq + 1 };
    const hash = entryHash(head.hash, sealed);
    batch.entries.push({
      chain_id,
      seq: sealed.seq,
      run_id,
      kind,
      body: sealed,
      payload,
      prev_hash: head.hash,
      entry_hash: hash,
      at,
    });
    head.seq = sealed.seq;
    head.hash = hash;
    head.open_since ??= at;
    if (head.seq - head.checkpoint_seq >= ENTRIES_PER_CHECKPOINT) batch.checkpoints.push(checkpoint(head));
  }
  batch.heads = [...ends.values()];
  return batch;
}

/** Marks the head as checkpointed. */
export function checkpoint(head: ChainHead): CheckpointDue {
  head.checkpoint_seq = head.seq;
  head.open_since = null;
  return { chain_id: head.chain_id, seq: head.seq, hash: head.hash };
}
