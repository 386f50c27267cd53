import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A job that waits for a thread holds a slot. One organization therefore never holds every slot of a queue: nobody
 * takes them back from its long runs when another one's short job comes.
 */
export class JobsSlotForOthers1790000008501 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await this.#define(queryRunner, 'LEAST(org_slots, s.most)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await this.#define(queryRunner, 'org_slots');
  }

  /** `most`: slots of an organization in a queue. */
  async #define(queryRunner: QueryRunner, most: string): Promise<void> {
    await queryRunner.query(`
      CREATE OR REPLACE FUNCTION crowded_orgs(org_slots int) RETURNS TABLE (queue varchar, org_id uuid)
      LANGUAGE sql STABLE
      -- Organizations at their cap, and those that hold half of a queue's slots while another one, itself below half,
      -- waits (platform.md 10.4).
      AS $$
        WITH load AS (
          SELECT j.queue, j.org_id, count(*) FILTER (WHERE j.status = 'running') AS busy,
            bool_or(j.status = 'queued' AND j.run_at <= now()) AS waiting
          FROM jobs j WHERE j.status IN ('queued', 'running') GROUP BY j.queue, j.org_id
        ), share AS (
          SELECT c.queue, GREATEST(1, sum(c.slots) / 2) AS half, GREATEST(1, sum(c.slots) - 1) AS most
          FROM job_consumers c WHERE c.seen_at > now() - interval '60 s' GROUP BY c.queue
        )
        SELECT a.queue, a.org_id FROM load a LEFT JOIN share s USING (queue)
        WHERE a.busy >= ${most} OR (a.busy >= s.half AND EXISTS (
          SELECT 1 FROM load b WHERE b.queue = a.queue AND b.org_id IS DISTINCT FROM a.org_id AND b.waiting
            AND b.busy < s.half AND b.busy < ${most}))
      $$`);
  }
}
