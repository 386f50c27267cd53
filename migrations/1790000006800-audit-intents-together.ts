import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Intents of one chain, and the claims on Idempotency-Keys that come with them, in one statement: what it costs to
 * start one and to commit it is the most of what a single intent costs. The functions for one intent stay for processes
 * of the release before this.
 */
export class AuditIntentsTogether1790000006800 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(RECORD_INTENTS);
    await queryRunner.query(`REVOKE EXECUTE ON FUNCTION ${SIGNATURE} FROM PUBLIC`);
    await queryRunner.query(`GRANT EXECUTE ON FUNCTION ${SIGNATURE} TO alphaswarm_app`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP FUNCTION ${SIGNATURE}`);
  }
}

const SIGNATURE = 'record_intents(text, jsonb)';

const RUN = `id uuid, org_id uuid, cell_id text, action text, target_kind text, target_id text, actor_kind text, actor_id text, act_chain jsonb, started_by_user_id text,
  auth jsonb, request_id text, trace_id text, source_ip inet, payload jsonb, started_at timestamptz, lease_until timestamptz, idempotency_key text`;
const ENTRY = 'id uuid, chain_id text, kind text, run_id uuid, body jsonb, payload jsonb, at timestamptz';

/** A running row is free again after 60 s, a finished one after 24 h; database time decides. */
const FREE =
  "(?.claimed_at < now() - CASE WHEN ?.status IS NULL THEN interval '60 seconds' ELSE interval '24 hours' END)";

/** Returns the ids of the runs that were recorded: all but those whose key is taken. */
const RECORD_INTENTS = `
  CREATE FUNCTION record_intents(chain text, intents jsonb) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM set_config('app.org_id', CASE WHEN chain LIKE 'org:%' THEN substr(chain, 5) ELSE '' END, true), set_config('app.platform', CASE chain WHEN 'platform' THEN 'on' ELSE '' END, true);
    RETURN QUERY
    WITH asked AS (
      SELECT i.run, i.entry, c.id AS claim_id, c.key, c.principal, c.fingerprint
      FROM jsonb_to_recordset(intents) AS i(run jsonb, entry jsonb, claim jsonb), jsonb_to_record(i.claim) AS c(id uuid, key text, principal text, fingerprint text)
    ), claimed AS (
      INSERT INTO idempotency_keys (key, principal, claim_id, fingerprint)
      -- In one order, so that two statements cannot wait for each other.
      SELECT DISTINCT ON (principal, key) key, principal, claim_id, fingerprint FROM asked
      WHERE claim_id IS NOT NULL
        -- What is plainly taken is not locked: whoever holds it would hold up the intents beside it.
        AND NOT EXISTS (SELECT FROM idempotency_keys k WHERE k.principal = asked.principal AND k.key = asked.key AND NOT ${FREE.replaceAll('?', 'k')})
      ORDER BY principal, key
      ON CONFLICT (org_id, principal, key) DO UPDATE
        SET claim_id = excluded.claim_id, fingerprint = excluded.fingerprint, claimed_at = now(),
            status = NULL, body = NULL, location = NULL, etag = NULL, content_type = NULL
        WHERE ${FREE.replaceAll('?', 'idempotency_keys')}
      RETURNING claim_id
    ), admitted AS (
      SELECT run, entry FROM asked WHERE claim_id IS NULL OR claim_id IN (SELECT claim_id FROM claimed)
    ), recorded AS (
      INSERT INTO workload_runs (${columns(RUN)}) SELECT ${columns(RUN, 'r.')} FROM admitted, jsonb_to_record(run) AS r(${RUN}) RETURNING id
    ), entries AS (
      INSERT INTO audit_entries (${columns(ENTRY)}) SELECT ${columns(ENTRY, 'e.')} FROM admitted, jsonb_to_record(entry) AS e(${ENTRY})
    )
    SELECT id FROM recorded;
  END $$`;

/** The names of a list of columns with their types. */
function columns(list: string, prefix = ''): string {
  return list
    .split(',')
    .map((column) => prefix + column.trim().split(' ')[0])
    .join(', ');
}
