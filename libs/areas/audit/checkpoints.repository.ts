import { Injectable } from '@nestjs/common';
import type { ChainId } from '#platform/audit';
import { TenantTransaction } from '#platform/database';
import type { CheckpointView } from './dto/audit.views.ts';

export type CheckpointRow = Omit<CheckpointView, 'public_key'>;

@Injectable()
export class CheckpointsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  /** Newest first, below `before`. */
  async list(chain: ChainId, limit: number, before: number | null): Promise<CheckpointRow[]> {
    const rows = await this.tx.manager.query<(Omit<CheckpointRow, 'seq'> & { seq: string })[]>(
      `SELECT chain_id AS chain, seq, encode(hash, 'hex') AS hash, signature, key_id, rfc3339(created_at) AS created_at,
        rfc3339(exported_at) AS exported_at, location
       FROM audit_checkpoints WHERE chain_id = $1 AND ($2::bigint IS NULL OR seq < $2) ORDER BY audit_checkpoints.seq
         DESC LIMIT $3`,
      [chain, before, limit],
    );
    return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
  }
}
