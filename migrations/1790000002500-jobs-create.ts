import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `jobs`, the domain record of queued work (platform.md 6, 10). Graphile Worker delivers; a trigger keeps its item in
 * step with the row, in the writer's transaction: whoever may write the row needs no right on the queue's own tables.
 */
export class JobsCreate1790000002500 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE jobs (
        id uuid PRIMARY KEY,
        org_id uuid,
        workspace_id uuid,
        project_id uuid,
        queue varchar(64) NOT NULL,
        name varchar(120) NOT NULL,
        run_id uuid,
        args jsonb NOT NULL DEFAULT '{}' CHECK (pg_column_size(args) <= 131072),
        status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead')),
        priority smallint NOT NULL DEFAULT 0,
        run_at timestamptz NOT NULL DEFAULT now(),
        attempt int NOT NULL DEFAULT 0 CHECK (attempt >= 0),
        max_attempts int NOT NULL CHECK (max_attempts >= 1),
        lost int NOT NULL DEFAULT 0,
        -- Deterministic work: a lost process is no attempt, up to so many losses. Null: three losses end the job as dead.
        lost_process_limit int,
        lease_owner text,
        lease_until timestamptz,
        fencing bigint NOT NULL DEFAULT 0,
        dedupe_key varchar(240),
        cancel_requested_at timestamptz(3),
        result jsonb,
        error jsonb,
        context jsonb NOT NULL,
        traceparent text,
        progress_seq bigint,
        retry_of uuid REFERENCES jobs (id),
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        started_at timestamptz(3),
        ended_at timestamptz(3)
      )`);
    await queryRunner.query(
      "CREATE UNIQUE INDEX jobs_dedupe ON jobs (org_id, queue, dedupe_key) NULLS NOT DISTINCT WHERE dedupe_key IS NOT NULL AND status IN ('queued', 'running')",
    );
    await queryRunner.query(
      "CREATE INDEX jobs_open ON jobs (queue, status, priority DESC, run_at) WHERE status IN ('queued', 'running')",
    );
    await queryRunner.query('CREATE INDEX jobs_newest ON jobs (org_id, created_at DESC, id DESC)');
    await queryRunner.query('CREATE INDEX jobs_run ON jobs (run_id)');
    await queryRunner.query("CALL isolate_tenant('jobs', 'SELECT, INSERT, UPDATE')");
    await queryRunner.query(`
      CREATE FUNCTION queue_job(job jobs) RETURNS void LANGUAGE plpgsql
      -- One item per job: a fresh one replaces whatever there is, also an item that a dead worker still holds.
      AS $$
      BEGIN
        DELETE FROM graphile_worker._private_jobs WHERE key = job.id::text;
        PERFORM graphile_worker.add_job(job.name, json_build_object('job_id', job.id, 'org_id', job.org_id), run_at => job.run_at, max_attempts => 32767,
          job_key => job.id::text, priority => -job.priority, flags => ARRAY['queue:' || job.queue, 'queue:' || job.queue || ':' || COALESCE(job.org_id::text, 'platform')]);
      END $$`);
    await queryRunner.query(`
      CREATE FUNCTION follow_job_status() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
      -- As the queue's owner: the application role cannot touch the queue's tables.
      AS $$
      BEGIN
        IF NEW.status = 'queued' THEN
          PERFORM queue_job(NEW);
        ELSIF NEW.status <> 'running' AND OLD.status = 'queued' THEN
          DELETE FROM graphile_worker._private_jobs WHERE key = NEW.id::text;
        END IF;
        RETURN NULL;
      END $$`);
    await queryRunner.query('REVOKE EXECUTE ON FUNCTION queue_job(jobs), follow_job_status() FROM PUBLIC');
    await queryRunner.query(
      'CREATE TRIGGER jobs_queue_insert AFTER INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION follow_job_status()',
    );
    await queryRunner.query(
      'CREATE TRIGGER jobs_queue_update AFTER UPDATE OF status ON jobs FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION follow_job_status()',
    );
    await queryRunner.query(`
      CREATE TABLE job_consumers (
        holder text NOT NULL,
        queue varchar(64) NOT NULL,
        slots int NOT NULL,
        seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (holder, queue)
      )`);
    await queryRunner.query('GRANT SELECT ON job_consumers TO alphaswarm_app');
    await queryRunner.query(`
      CREATE FUNCTION crowded_orgs(org_slots int) RETURNS TABLE (queue varchar, org_id uuid) LANGUAGE sql STABLE
      -- Organizations at their cap, and those that hold half of a queue's slots while another one, itself below half, waits (platform.md 10.4).
      AS $$
        WITH load AS (
          SELECT j.queue, j.org_id, count(*) FILTER (WHERE j.status = 'running') AS busy, bool_or(j.status = 'queued' AND j.run_at <= now()) AS waiting
          FROM jobs j WHERE j.status IN ('queued', 'running') GROUP BY j.queue, j.org_id
        ), share AS (
          SELECT c.queue, GREATEST(1, sum(c.slots) / 2) AS half FROM job_consumers c WHERE c.seen_at > now() - interval '60 s' GROUP BY c.queue
        )
        SELECT a.queue, a.org_id FROM load a LEFT JOIN share s USING (queue)
        WHERE a.busy >= org_slots OR (a.busy >= s.half AND EXISTS (
          SELECT 1 FROM load b WHERE b.queue = a.queue AND b.org_id IS DISTINCT FROM a.org_id AND b.waiting AND b.busy < s.half AND b.busy < org_slots))
      $$`);
    await queryRunner.query(`
      CREATE FUNCTION claim_job(target uuid, holder text, lease interval, org_slots int) RETURNS SETOF jobs LANGUAGE plpgsql
      -- Starts a queued job, or puts it back when its organization has its share. Claims of one queue wait for each other, so that no cap is exceeded.
      AS $$
      DECLARE
        job jobs;
      BEGIN
        SELECT * INTO job FROM jobs WHERE id = target AND status = 'queued' FOR UPDATE;
        IF NOT FOUND THEN RETURN; END IF;
        PERFORM pg_advisory_xact_lock(hashtext('alphaswarm.claim'), hashtext(job.queue));
        IF EXISTS (SELECT 1 FROM crowded_orgs(org_slots) c WHERE c.queue = job.queue AND c.org_id IS NOT DISTINCT FROM job.org_id) THEN
          PERFORM queue_job(job);
          RETURN;
        END IF;
        RETURN QUERY UPDATE jobs SET status = 'running', attempt = attempt + 1, fencing = fencing + 1, lease_owner = holder, lease_until = clock_timestamp() + lease,
          started_at = COALESCE(started_at, clock_timestamp()), updated_at = clock_timestamp() WHERE id = target RETURNING *;
      END $$`);
    await queryRunner.query(
      'REVOKE EXECUTE ON FUNCTION crowded_orgs(int), claim_job(uuid, text, interval, int) FROM PUBLIC',
    );
    await queryRunner.query(`
      CREATE TABLE leader_leases (
        name text PRIMARY KEY,
        holder text NOT NULL,
        fencing bigint NOT NULL DEFAULT 1,
        expires_at timestamptz NOT NULL
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE leader_leases');
    await queryRunner.query('DROP FUNCTION claim_job(uuid, text, interval, int)');
    await queryRunner.query('DROP FUNCTION crowded_orgs(int)');
    await queryRunner.query('DROP TABLE job_consumers');
    await queryRunner.query('DROP TRIGGER jobs_queue_insert ON jobs');
    await queryRunner.query('DROP TRIGGER jobs_queue_update ON jobs');
    await queryRunner.query('DROP FUNCTION follow_job_status()');
    await queryRunner.query('DROP FUNCTION queue_job(jobs)');
    await queryRunner.query('DROP TABLE jobs');
  }
}
