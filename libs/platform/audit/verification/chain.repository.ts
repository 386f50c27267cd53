import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { ChainId } from '../chain.ts';
import type { ChainLimits, LedgerRow } from './verify-chain.ts';

const PAGE = 250;

interface LimitsRow {
  head_seq: string | null;
  head_hash: string | null;
  newest_checkpoint: string | null;
  last_seq: string | null;
  unsealed: number;
}

interface PageRow extends Omit<LedgerRow, 'seq' | 'checkpoint'> {
  seq: string;
  checkpoint_hash: string | null;
  signature: string | null;
  key_id: string | null;
}

/** Reads chains as the application role: the caller's scope decides which are visible. */
@Injectable()
export class ChainRepository {
  constructor(private readonly tx: TenantTransaction) {}

  /** Every chain that has an entry, sealed or not. Needs a scope with `platformRead`. */
  async chains(): Promise<ChainId[]> {
    const rows = await this.tx.manager.query<{ chain_id: ChainId }[]>(
      `SELECT chain_id FROM audit_chain_heads UNION SELECT chain_id FROM audit_checkpoints UNION SELECT chain_id FROM
        audit_entries
       UNION SELECT DISTINCT chain_id FROM audit_ledger ORDER BY 1`,
    );
    return rows.map(({ chain_id }) => chain_id);
  }

  async limits(chain: ChainId): Promise<ChainLimits & { unsealed: number }> {
    const [row] = await this.tx.manager.query<LimitsRow[]>(
      `SELECT h.seq AS head_seq, encode(h.hash, 'hex') AS head_hash,
         (SELECT max(seq) FROM audit_checkpoints WHERE chain_id = $1) AS newest_checkpoint, (SELECT max(seq) FROM
         audit_ledger WHERE chain_id = $1) AS last_seq,
         (SELECT count(*)::int FROM audit_entries WHERE chain_id = $1) AS unsealed
       FROM (SELECT 1) one LEFT JOIN audit_chain_heads h ON h.chain_id = $1`,
      [chain],
    );
    if (!row) throw new Error('A query without FROM conditions gave no row.');
    return {
      head: row.head_seq !== null && row.head_hash !== null ? { seq: Number(row.head_seq), hash: row.head_hash } : null,
      newestCheckpoint: Number(row.newest_checkpoint ?? 0),
      lastSeq: Number(row.last_seq ?? 0),
      unsealed: row.unsealed,
    };
  }

  /** Up to a page of rows from `from` to `to`. Payloads come as text, so that a caller parses one at a time. */
  async page(chain: ChainId, from: number, to: number): Promise<LedgerRow[]> {
    const rows = await this.tx.manager.query<PageRow[]>(
      `SELECT l.seq, l.run_id, l.kind, rfc3339(l.at) AS at, l.body, encode(l.prev_hash, 'hex') AS prev_hash,
        encode(l.entry_hash, 'hex') AS entry_hash,
         CASE l.kind WHEN 'intent' THEN r.payload::text WHEN 'security' THEN l.payload::text END AS payload,
         CASE l.kind WHEN 'outcome' THEN r.status END AS status, r.error_code,
         encode(c.hash, 'hex') AS checkpoint_hash, c.signature, c.key_id
       FROM audit_ledger l LEFT JOIN workload_runs r ON r.id = l.run_id LEFT JOIN audit_checkpoints c ON c.chain_id =
         l.chain_id AND c.seq = l.seq
       WHERE l.chain_id = $1 AND l.seq BETWEEN $2 AND $3 ORDER BY l.seq LIMIT ${PAGE}`,
      [chain, from, to],
    );
    return rows.map(({ checkpoint_hash, signature, key_id, seq, ...row }) => ({
      ...row,
      seq: Number(seq),
      checkpoint:
        checkpoint_hash !== null && signature !== null && key_id !== null
          ? { hash: checkpoint_hash, signature, key_id }
          : null,
    }));
  }

  get pageSize(): number {
    return PAGE;
  }
}
