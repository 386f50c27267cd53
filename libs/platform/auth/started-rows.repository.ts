import { Injectable } from '@nestjs/common';
import { type TenantScope, TenantTransaction } from '#platform/database';
import type { ResourceKind } from './resource.ts';

/** Rows that remember in `created_by` who started them. */
@Injectable()
export class StartedRowsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  /** Did `actor` start the row? */
  async isStartedBy(scope: TenantScope, { table }: ResourceKind, id: string, actor: string): Promise<boolean> {
    const rows = await this.tx.run(scope, () =>
      this.tx.manager.query<unknown[]>(`SELECT 1 FROM ${table} WHERE id = $1 AND created_by = $2`, [id, actor]),
    );
    return rows.length > 0;
  }
}
