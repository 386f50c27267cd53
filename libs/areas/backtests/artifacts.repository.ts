import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { ArtifactKind } from './engine/encode-artifacts.ts';

/** A row of `backtest_artifacts`. `inline` is JSON text on the way in and parsed rows on the way out. */
export interface StoredArtifact {
  kind: ArtifactKind;
  rows: number;
  bytes: number;
  sha256: string;
  inline: string | null;
  uri: string | null;
}

export interface ReadArtifact extends Omit<StoredArtifact, 'inline'> {
  inline: Record<string, unknown>[] | null;
}

@Injectable()
export class ArtifactsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async find(backtestId: string, kind: ArtifactKind): Promise<ReadArtifact | undefined> {
    const rows: (Omit<ReadArtifact, 'bytes'> & { bytes: string })[] = await this.tx.manager.query(
      'SELECT kind, rows, bytes, sha256, inline, uri FROM backtest_artifacts WHERE backtest_id = $1 AND kind = $2',
      [backtestId, kind],
    );
    const row = rows[0];
    return row && { ...row, bytes: Number(row.bytes) };
  }
}
