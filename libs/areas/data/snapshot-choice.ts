import { Injectable } from '@nestjs/common';
import { DomainError } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { TableName } from '#platform/lake';
import type { TimeTravelQuery } from './dto/bars.requests.ts';

/** Turns the time travel parameters of a read into a snapshot id (data.md 8.6, 14 Q1). */
@Injectable()
export class SnapshotChoice {
  constructor(private readonly tx: TenantTransaction) {}

  /**
   * Undefined: the current snapshot. Throws 422 `conflicting_time_travel`, 404 `no_snapshot`, 410 `snapshot_expired`.
   */
  async resolve(ctx: WorkspaceContext, table: TableName, query: TimeTravelQuery): Promise<string | undefined> {
    const given = (['snapshot', 'version', 'tag', 'as_of', 'pin_id'] as const).filter(
      (name) => query[name] !== undefined,
    );
    if (given.length > 1)
      throw new DomainError(422, 'conflicting_time_travel', {
        detail: `At most one of snapshot, version, tag, as_of, pin_id; given: ${given.join(', ')}.`,
        errors: given.map((name) => ({
          pointer: `query:${name}`,
          code: 'conflicting_time_travel',
          message: 'give one of them',
        })),
      });
    const [way] = given;
    if (way === undefined) return undefined;
    if (way === 'tag' || way === 'pin_id')
      throw new DomainError(501, 'not_implemented', { detail: `Reads by ${way} are not available yet.` });
    return this.tx.run(ctx, async () => {
      const name = `${table.namespace}.${table.table}`;
      const rows = await this.tx.manager.query<{ snapshot_id: string; status: string }[]>(
        `SELECT v.snapshot_id, v.status FROM dataset_versions v JOIN dataset_catalogs d ON d.id = v.catalog_id
         WHERE d.workspace_id = $1 AND d.iceberg_identifier = $2 AND d.archived_at IS NULL
           AND ($3::bigint IS NULL OR v.snapshot_id = $3::bigint) AND ($4::int IS NULL OR v.version = $4::int) AND
           ($5::timestamptz IS NULL OR v.created_at <= $5::timestamptz)
         ORDER BY v.created_at DESC, v.version DESC LIMIT 1`,
        [ctx.workspaceId, name, bigintOrNull(query.snapshot), query.version ?? null, query.as_of ?? null],
      );
      const row = rows[0];
      if (!row) throw new DomainError(404, 'no_snapshot', { detail: `The dataset ${name} has no such snapshot.` });
      if (row.status === 'expired')
        throw new DomainError(410, 'snapshot_expired', { detail: 'The snapshot has expired.' });
      return row.snapshot_id;
    });
  }
}

/** An id beyond 64 bits names no snapshot, and must not make the database complain. */
function bigintOrNull(text: string | undefined): string | null {
  if (text === undefined) return null;
  return BigInt(text) > 9_223_372_036_854_775_807n ? '-1' : text;
}
