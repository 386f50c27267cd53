import { Injectable } from '@nestjs/common';
import { OwnerPool } from '#platform/database';

/** Rows of all organizations that count no longer. Each answers with how many there were. */
@Injectable()
export class PurgesRepository {
  constructor(private readonly owner: OwnerPool) {}

  /** A claim that nobody finished is free after 60 s already; its row goes with the others. */
  async idempotencyKeys(): Promise<number> {
    const { rowCount } = await this.owner.query(
      "DELETE FROM idempotency_keys WHERE claimed_at < now() - interval '24 hours'",
    );
    return rowCount ?? 0;
  }

  /** Every process has heard of them long ago. */
  async grantChanges(): Promise<number> {
    const { rowCount } = await this.owner.query(
      "DELETE FROM grant_changes WHERE changed_at < now() - interval '1 hour'",
    );
    return rowCount ?? 0;
  }

  /** What is revoked has expired by itself. */
  async revocations(): Promise<number> {
    const { rowCount } = await this.owner.query('DELETE FROM token_revocations WHERE expires_at < now()');
    return rowCount ?? 0;
  }
}
