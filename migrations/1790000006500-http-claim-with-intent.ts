import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Takes an Idempotency-Key and records the intent of its request in one statement, which commits both
 * (platform.md 7, 8.0).
 */
export class HttpClaimWithIntent1790000006500 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION claim_idempotency_key(claim jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO idempotency_keys (key, principal, claim_id, fingerprint)
        VALUES (claim->>'key', claim->>'principal', (claim->>'id')::uuid, claim->>'fingerprint')
        -- A running row is free again after 60 s, a finished one after 24 h; database time decides.
        ON CONFLICT (org_id, principal, key) DO UPDATE
          SET claim_id = excluded.claim_id, fingerprint = excluded.fingerprint, claimed_at = now(),
              status = NULL, body = NULL, location = NULL, etag = NULL, content_type = NULL
          WHERE idempotency_keys.claimed_at < now() - CASE WHEN idempotency_keys.status IS NULL THEN interval '60 seconds' ELSE interval '24 hours' END;
        RETURN FOUND;
      END $$`);
    await queryRunner.query(`
      CREATE FUNCTION record_claimed_intent(run jsonb, entry jsonb, claim jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM set_config('app.org_id', coalesce(run->>'org_id', ''), true);
        IF NOT claim_idempotency_key(claim) THEN
          RETURN false;
        END IF;
        PERFORM record_workload_intent(run, entry);
        RETURN true;
      END $$`);
    for (const signature of FUNCTIONS) {
      await queryRunner.query(`REVOKE EXECUTE ON FUNCTION ${signature} FROM PUBLIC`);
      await queryRunner.query(`GRANT EXECUTE ON FUNCTION ${signature} TO alphaswarm_app`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const signature of FUNCTIONS) await queryRunner.query(`DROP FUNCTION ${signature}`);
  }
}

const FUNCTIONS = ['record_claimed_intent(jsonb, jsonb, jsonb)', 'claim_idempotency_key(jsonb)'];
