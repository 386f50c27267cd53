import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the function said, and what it says now. */
const CHANGES = [
  ['sum(c.slots) / 2) AS half', 'sum(c.slots) / 2) AS half, GREATEST(1, sum(c.slots) - 1) AS most'],
  ['a.busy >= org_slots', 'a.busy >= LEAST(org_slots, s.most)'],
  ['b.busy < org_slots', 'b.busy < LEAST(org_slots, s.most)'],
] as const;

/**
 * A job that waits for a thread holds a slot. One organization therefore never holds every slot of a queue: nobody
 * takes them back from its long runs when another one's short job comes.
 */
export class JobsSlotForOthers1790000008501 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await this.#edit(queryRunner, CHANGES);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await this.#edit(
      queryRunner,
      CHANGES.map(([before, now]) => [now, before] as const),
    );
  }

  async #edit(queryRunner: QueryRunner, changes: readonly (readonly [string, string])[]): Promise<void> {
    const rows: { definition: string }[] = await queryRunner.query(
      "SELECT pg_get_functiondef('crowded_orgs(int)'::regprocedure) AS definition",
    );
    let definition = rows[0]?.definition ?? '';
    for (const [from, to] of changes) {
      if (!definition.includes(from)) throw new Error(`crowded_orgs does not say "${from}"`);
      definition = definition.replace(from, to);
    }
    await queryRunner.query(definition);
  }
}
