import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the trace of a job's caller goes on, as W3C Trace Context writes it. */
export class JobsTracestate1790000008500 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE jobs
        ADD COLUMN tracestate text,
        ADD CONSTRAINT jobs_traceparent_check CHECK (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$'),
        ADD CONSTRAINT jobs_tracestate_check CHECK (tracestate IS NULL OR traceparent IS NOT NULL)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE jobs
        DROP CONSTRAINT jobs_tracestate_check,
        DROP CONSTRAINT jobs_traceparent_check,
        DROP COLUMN tracestate`);
  }
}
