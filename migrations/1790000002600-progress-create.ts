import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Progress frames of a task and the counter that numbers them (platform.md 9.4, 10.7). */
export class ProgressCreate1790000002600 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE progress_streams (
        task_id uuid PRIMARY KEY,
        org_id uuid,
        last_seq bigint NOT NULL,
        -- Set by the terminal frame; nothing is accepted after it.
        terminal_seq bigint,
        -- Newest attempt that has spoken; an older one is refused.
        epoch bigint NOT NULL DEFAULT 0,
        progress double precision,
        updated_at timestamptz NOT NULL DEFAULT now()
      ) WITH (fillfactor = 70)`);
    await queryRunner.query(`
      CREATE TABLE progress_frames (
        task_id uuid NOT NULL,
        seq bigint NOT NULL CHECK (seq >= 1),
        org_id uuid,
        stage text NOT NULL,
        -- As it goes over the wire: stored once, sent to every socket unchanged.
        frame text NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (task_id, seq)
      )`);
    await queryRunner.query(
      "CREATE UNIQUE INDEX progress_frames_terminal ON progress_frames (task_id) WHERE stage IN ('done', 'error', 'cancelled')",
    );
    await queryRunner.query('CREATE INDEX progress_frames_at ON progress_frames USING brin (at)');
    await queryRunner.query("CALL isolate_tenant('progress_streams', 'SELECT, INSERT, UPDATE')");
    await queryRunner.query("CALL isolate_tenant('progress_frames', 'SELECT, INSERT, DELETE')");
    await queryRunner.query(`
      CREATE FUNCTION append_frames(task uuid, org uuid, attempt bigint, stages text[], bodies text[], fraction double precision) RETURNS bigint LANGUAGE plpgsql
      -- Numbers and stores a batch. Returns the last seq, null after the terminal frame or for an attempt that has been replaced.
      -- The counter's row lock makes order of seq and order of commit the same.
      AS $$
      DECLARE
        n int := cardinality(bodies);
        ends boolean := stages[n] IN ('done', 'error', 'cancelled');
        newest bigint;
      BEGIN
        INSERT INTO progress_streams AS s (task_id, org_id, last_seq, terminal_seq, epoch, progress)
        VALUES (task, org, n, CASE WHEN ends THEN n END, attempt, fraction)
        ON CONFLICT (task_id) DO UPDATE SET last_seq = s.last_seq + n, terminal_seq = CASE WHEN ends THEN s.last_seq + n END,
          epoch = GREATEST(s.epoch, attempt), progress = COALESCE(fraction, s.progress), updated_at = now()
        WHERE s.terminal_seq IS NULL AND s.epoch <= attempt
        RETURNING last_seq INTO newest;
        IF newest IS NULL THEN RETURN NULL; END IF;
        INSERT INTO progress_frames (task_id, seq, org_id, stage, frame)
        SELECT task, newest - n + f.position, org, f.stage, f.body || ',"seq":' || (newest - n + f.position) || '}'
        FROM unnest(stages, bodies) WITH ORDINALITY AS f (stage, body, position);
        -- The newest 10,000 are kept; trimmed in steps of 1,000.
        IF newest >= 11000 AND newest / 1000 > (newest - n) / 1000 THEN
          DELETE FROM progress_frames WHERE task_id = task AND seq <= newest - 10000;
        END IF;
        RETURN newest;
      END $$`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP FUNCTION append_frames(uuid, uuid, bigint, text[], text[], double precision)');
    await queryRunner.query('DROP TABLE progress_frames, progress_streams');
  }
}
