import { Injectable } from '@nestjs/common';
import type { QueryConfig } from 'pg';
import { SealerPool, pipelined } from '#platform/database';
import type { UnsealedEntry } from '../audit-entry.ts';
import type { SignedCheckpoint } from './checkpoint-keys.ts';
import type { ChainHead, SealedEntry } from './seal.ts';

/** What a sealing transaction read under its lock. */
export interface SealingWork {
  entries: UnsealedEntry[];
  heads: ChainHead[];
}

export interface SealingResult {
  entries: SealedEntry[];
  heads: ChainHead[];
  checkpoints: SignedCheckpoint[];
  /** Ids of the entries that are in the ledger now. */
  sealed: string[];
}

const LOCK = "hashtext('alphaswarm.audit.sealer')";
/**
 * A head that was set back must not stop its chain: sealing goes on after the last entry, and verification tells of the
 * head.
 */
const HEADS = `
  SELECT h.chain_id, coalesce(l.seq, h.seq) AS seq, encode(coalesce(l.entry_hash, h.hash), 'hex') AS hash,
    h.checkpoint_seq, rfc3339(h.open_since) AS open_since
  FROM (
    SELECT chain_id, seq, hash, checkpoint_seq, open_since FROM audit_chain_heads WHERE chain_id = ANY($1) OR open_since
      <= $2
    UNION ALL
    SELECT chain_id, 0, NULL, 0, NULL FROM unnest($1::text[]) AS missing(chain_id) WHERE NOT EXISTS (SELECT FROM
      audit_chain_heads known WHERE known.chain_id = missing.chain_id)
  ) h
  LEFT JOIN LATERAL (SELECT seq, entry_hash FROM audit_ledger WHERE chain_id = h.chain_id AND seq > h.seq ORDER BY seq
  DESC LIMIT 1) l ON true
  WHERE coalesce(l.entry_hash, h.hash) IS NOT NULL`;

/**
 * SQL of the sealer role. The transaction-level lock makes one sealer out of all processes, also behind a transaction
 * pooler.
 */
@Injectable()
export class SealingRepository {
  constructor(private readonly pool: SealerPool) {}

  /** Whether entries wait, or a chain has had no checkpoint since `dueSince`. */
  async hasWork(dueSince: string): Promise<boolean> {
    const { rows } = await this.pool.query<{ work: boolean }>(
      `SELECT EXISTS (SELECT FROM audit_entries) OR EXISTS (SELECT FROM audit_chain_heads WHERE open_since <= $1)
      AS work`,
      [dueSince],
    );
    return rows[0]?.work ?? false;
  }

  /**
   * Runs `work` on up to `limit` entries, oldest first, and commits what it returns. False when another process is
   * sealing.
   */
  async seal(limit: number, dueSince: string, work: (read: SealingWork) => SealingResult): Promise<boolean> {
    const client = await this.pool.connect();
    try {
      // Each statement of a simple query has a snapshot of its own: the entries are read after the lock was taken.
      const [, locked, entries] = (await client.query(`BEGIN; SELECT pg_try_advisory_xact_lock(${LOCK}) AS locked;
        SELECT id, chain_id, kind, run_id, body, payload, rfc3339(at) AS at FROM audit_entries ORDER BY
          audit_entries.at, id LIMIT ${limit}`)) as unknown as Rows[];
      if (!locked?.rows[0]?.locked) {
        await client.query('ROLLBACK');
        client.release();
        return false;
      }
      const unsealed = entries?.rows as unknown as UnsealedEntry[];
      const heads = await client.query<ChainHead>(
        this.#statement('sealer_heads', HEADS, [[...new Set(unsealed.map((entry) => entry.chain_id))], dueSince]),
      );
      const result = work({ entries: unsealed, heads: heads.rows.map(withNumbers) });
      const written = client.query(
        this.#statement('sealer_write', WRITE, [
          JSON.stringify(result.entries),
          JSON.stringify(result.heads),
          JSON.stringify(result.checkpoints),
          result.sealed,
        ]),
      );
      await pipelined([written, client.query('COMMIT')]);
      client.release();
      return true;
    } catch (error) {
      // Ends the connection, and with it the transaction and its lock.
      client.release(true);
      throw error;
    }
  }

  /** To plan these takes longer than to run them. */
  #statement(name: string, text: string, values: unknown[]): QueryConfig {
    return this.pool.prepare ? { name, text, values } : { text, values };
  }
}

interface Rows {
  rows: Record<string, unknown>[];
}

function withNumbers(head: ChainHead): ChainHead {
  return { ...head, seq: Number(head.seq), checkpoint_seq: Number(head.checkpoint_seq) };
}

const WRITE = `
  WITH ledger AS (
    INSERT INTO audit_ledger (chain_id, seq, run_id, kind, body, payload, prev_hash, entry_hash, at)
    SELECT chain_id, seq, run_id, kind, body, payload, decode(prev_hash, 'hex'), decode(entry_hash, 'hex'), at
    FROM jsonb_to_recordset($1) AS e(chain_id text, seq bigint, run_id uuid, kind text, body jsonb, payload jsonb,
      prev_hash text, entry_hash text, at timestamptz)
  ), heads AS (
    INSERT INTO audit_chain_heads (chain_id, seq, hash, checkpoint_seq, open_since)
    SELECT chain_id, seq, decode(hash, 'hex'), checkpoint_seq, open_since
    FROM jsonb_to_recordset($2) AS h(chain_id text, seq bigint, hash text, checkpoint_seq bigint, open_since
      timestamptz)
    ON CONFLICT (chain_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, checkpoint_seq =
    excluded.checkpoint_seq, open_since = excluded.open_since
  ), checkpoints AS (
    INSERT INTO audit_checkpoints (chain_id, seq, hash, signature, key_id)
    SELECT chain_id, seq, decode(hash, 'hex'), signature, key_id
    FROM jsonb_to_recordset($3) AS c(chain_id text, seq bigint, hash text, signature text, key_id text)
    -- After a tampered head has gone back, the place may have a checkpoint already; it must stay, to convict.
    ON CONFLICT DO NOTHING
  )
  DELETE FROM audit_entries WHERE id = ANY($4::uuid[])`;
