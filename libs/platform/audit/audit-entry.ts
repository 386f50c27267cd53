import { canonicalJson, hashCanonical, newId, sha256Hex } from '#kernel';
import type { ChainId } from './chain.ts';
import type { Json } from './redaction/index.ts';

export type EntryKind = 'intent' | 'outcome' | 'security';

/**
 * What is hashed, but for `seq`, which the sealer adds (platform.md 7.4). All members are always present, null where
 * there is none.
 */
export interface UnsealedBody {
  v: 1;
  chain: ChainId;
  /** RFC 3339 with milliseconds. */
  at: string;
  kind: EntryKind;
  run_id: string | null;
  action: string;
  actor: string;
  /** `<kind>:<id>`. */
  target: string | null;
  payload_sha256: string;
}

export interface EntryBody extends UnsealedBody {
  seq: number;
}

/** A committed entry that has no place in its chain yet. */
export interface UnsealedEntry {
  id: string;
  chain_id: ChainId;
  kind: EntryKind;
  run_id: string | null;
  body: UnsealedBody;
  /** Kept beside security entries only. */
  payload: Json;
  at: string;
}

/** `prev_hash` of a chain's first entry. */
export const GENESIS_HASH = '0'.repeat(64);

/** Lower-case hex of SHA-256(prev_hash_hex, 0x0A, JCS(body)). */
export function entryHash(prevHash: string, body: object): string {
  return sha256Hex(`${prevHash}\n${canonicalJson(body)}`);
}

export interface EntryFacts {
  chain: ChainId;
  /** Milliseconds since the epoch. */
  at: number;
  runId: string | null;
  action: string;
  actor: string;
  target: string | null;
}

/**
 * An entry as it is committed; its payload is kept elsewhere or not at all. `id` decides the order within a
 * millisecond.
 */
export function unsealedEntry(
  kind: EntryKind,
  facts: EntryFacts,
  payloadSha256: string,
  id: string = newId(),
): UnsealedEntry {
  const at = new Date(facts.at).toISOString();
  return {
    id,
    chain_id: facts.chain,
    kind,
    run_id: facts.runId,
    at,
    payload: null,
    body: {
      v: 1,
      chain: facts.chain,
      at,
      kind,
      run_id: facts.runId,
      action: facts.action,
      actor: facts.actor,
      target: facts.target,
      payload_sha256: payloadSha256,
    },
  };
}

/** The payload that an outcome hashes: the created id and other results stay outside. */
export function outcomePayload(status: string, errorCode: string | null): Json {
  return status === 'succeeded' || errorCode === null ? { status } : { status, error_code: errorCode };
}

export function outcomePayloadHash(status: string, errorCode: string | null): string {
  return hashCanonical(outcomePayload(status, errorCode));
}
