import type { TenantTransaction } from '../tenant-transaction.ts';
import type { TestDatabase } from './test-database.ts';

const TOTAL = `SELECT coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::float8 AS n FROM pg_stat_user_tables WHERE relname
  = ANY
  ($1)`;

/** How many rows of these tables PostgreSQL looks at for one transaction; `tx` has a single connection. */
export async function rowsRead(
  database: TestDatabase,
  tx: TenantTransaction,
  tables: readonly string[],
  work: () => Promise<unknown>,
): Promise<number> {
  const total = async (): Promise<number> =>
    (await database.owner.query<{ n: number }>(TOTAL, [tables])).rows[0]?.n ?? 0;
  const flush = (): Promise<unknown> =>
    tx.run({ orgId: null }, () => tx.manager.query('SELECT pg_stat_force_next_flush()'));
  await flush();
  const before = await total();
  await work();
  await flush();
  return (await total()) - before;
}
