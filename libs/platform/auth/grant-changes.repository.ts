import { Injectable } from '@nestjs/common';
import { OwnerPool } from '#platform/database';

export interface GrantChange {
  readonly id: string;
  readonly orgId: string;
  /** Whose grants; null: of everybody in the organization. */
  readonly subjectId: string | null;
}

/** Changes of grants in all organizations; triggers write them (platform.md 3.6). */
@Injectable()
export class GrantChangesRepository {
  constructor(private readonly owner: OwnerPool) {}

  /** Those of the last milliseconds. */
  async since(ms: number): Promise<GrantChange[]> {
    const { rows } = await this.owner.query<GrantChange>(
      `SELECT id, org_id AS "orgId", subject_id AS "subjectId" FROM grant_changes
       WHERE changed_at > now() - $1 * interval '1 millisecond'`,
      [ms],
    );
    return rows;
  }
}
