import { canonicalJson, sha256Hex } from '#kernel';
import { type EntryBody, GENESIS_HASH, entryHash, outcomePayloadHash } from '../audit-entry.ts';
import type { ChainId } from '../chain.ts';

export type BadReason =
  'gap' | 'link_break' | 'hash_mismatch' | 'checkpoint_mismatch' | 'payload_mismatch' | 'truncated';

/** A ledger row with what else is kept about it. Hashes are lower-case hex. */
export interface LedgerRow {
  seq: number;
  run_id: string | null;
  kind: string;
  at: string;
  body: EntryBody;
  prev_hash: string;
  entry_hash: string;
  /** JSON text of the payload, where it is still kept. */
  payload: string | null;
  /** Of an outcome: how its run ended. */
  status: string | null;
  error_code: string | null;
  checkpoint: { hash: string; signature: string; key_id: string } | null;
}

/** Where a chain must and does end; 0 where there is none. */
export interface ChainLimits {
  head: { seq: number; hash: string } | null;
  newestCheckpoint: number;
  lastSeq: number;
}

export interface Verification {
  chain: ChainId;
  from: number;
  to: number;
  /** Entries that were recomputed, the bad one included. */
  checked: number;
  /** Committed entries that wait for their place. */
  unsealed: number;
  valid: boolean;
  first_bad: { seq: number; reason: BadReason } | null;
}

export interface VerificationInput {
  chain: ChainId;
  /** First `seq`; its `prev_hash` is trusted unless it is 1. */
  from: number;
  /** Last `seq`; null: the end. */
  to: number | null;
  limits: ChainLimits;
  unsealed: number;
  /** Rows of the range in the order of `seq`. */
  rows: AsyncIterable<LedgerRow>;
  verifySignature(seq: number, checkpoint: NonNullable<LedgerRow['checkpoint']>): boolean;
}

/** Recomputes a range of a chain and names the first bad `seq` (platform.md 7.4). Holds one row at a time. */
export async function verifyChain(input: VerificationInput): Promise<Verification> {
  const { chain, from, limits, unsealed } = input;
  const promised = Math.max(limits.head?.seq ?? 0, limits.newestCheckpoint);
  const end = Math.max(promised, limits.lastSeq);
  const to = Math.min(input.to ?? end, end);
  let expected = from;
  let previous = from === 1 ? GENESIS_HASH : null;
  const answer = (first_bad: Verification['first_bad'], checked: number): Verification => ({
    chain,
    from,
    to,
    checked,
    unsealed,
    valid: first_bad === null,
    first_bad,
  });
  for await (const row of input.rows) {
    if (row.seq !== expected) return answer({ seq: expected, reason: 'gap' }, expected - from);
    const reason = faultOf(row, previous, input);
    if (reason) return answer({ seq: row.seq, reason }, expected - from + 1);
    // The head is a copy of the last hash; one that differs shows that either was altered.
    if (row.seq === limits.head?.seq && limits.head.hash !== row.entry_hash)
      return answer({ seq: row.seq, reason: 'hash_mismatch' }, expected - from + 1);
    previous = row.entry_hash;
    expected++;
  }
  const missing = expected <= to;
  return answer(
    missing ? { seq: expected, reason: limits.lastSeq > expected ? 'gap' : 'truncated' } : null,
    expected - from,
  );
}

function faultOf(row: LedgerRow, previous: string | null, input: VerificationInput): BadReason | null {
  if (previous !== null && row.prev_hash !== previous) return 'link_break';
  if (hashOrNull(() => entryHash(row.prev_hash, row.body)) !== row.entry_hash || !columnsAgree(row, input.chain))
    return 'hash_mismatch';
  if (row.checkpoint && (row.checkpoint.hash !== row.entry_hash || !input.verifySignature(row.seq, row.checkpoint)))
    return 'checkpoint_mismatch';
  return payloadAgrees(row) ? null : 'payload_mismatch';
}

/** The columns repeat what the body says, so an altered one is an altered entry. */
function columnsAgree({ seq, run_id, kind, at, body }: LedgerRow, chain: ChainId): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    body.chain === chain &&
    body.seq === seq &&
    body.run_id === run_id &&
    body.kind === kind &&
    body.at === at
  );
}

function payloadAgrees({ kind, body, payload, status, error_code }: LedgerRow): boolean {
  if (kind === 'outcome') return status === null || outcomePayloadHash(status, error_code) === body.payload_sha256;
  return payload === null || hashOrNull(() => sha256Hex(canonicalJson(JSON.parse(payload)))) === body.payload_sha256;
}

/** Tampered JSON may have no canonical form, such as a number beyond doubles. */
function hashOrNull(hash: () => string): string | null {
  try {
    return hash();
  } catch {
    return null;
  }
}
