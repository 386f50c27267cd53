import { Injectable } from '@nestjs/common';
import { OwnerPool } from '#platform/database';

/** Rows in `leader_leases`: at most one holder per name, in database time (platform.md 10.5). */
@Injectable()
export class LeaderLeaseRepository {
  constructor(private readonly owner: OwnerPool) {}

  /** Takes or renews a lease; false while somebody else has it. */
  async hold(name: string, holder: string, leaseMs: number): Promise<boolean> {
    const { rowCount } = await this.owner.query(
      `INSERT INTO leader_leases AS l (name, holder, expires_at) VALUES ($1, $2, clock_timestamp() + $3 * interval
        '1 millisecond')
       ON CONFLICT (name) DO UPDATE SET holder = $2, expires_at = EXCLUDED.expires_at, fencing = l.fencing + CASE WHEN
       l.holder = $2 THEN 0 ELSE 1 END
       WHERE l.holder = $2 OR l.expires_at < clock_timestamp()`,
      [name, holder, leaseMs],
    );
    return rowCount === 1;
  }

  async leave(name: string, holder: string): Promise<void> {
    await this.owner.query('DELETE FROM leader_leases WHERE name = $1 AND holder = $2', [name, holder]);
  }
}
