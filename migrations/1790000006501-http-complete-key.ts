import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Stores the answer of a request, and fails its transaction when the key is another's by now: the commit may be on its
 * way already.
 */
export class HttpCompleteKey1790000006501 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION complete_idempotency_key(claim uuid, new_status int, new_body text, new_location text, new_etag text, new_content_type text) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE idempotency_keys SET status = new_status, body = new_body, location = new_location, etag = new_etag, content_type = new_content_type
        WHERE claim_id = claim AND status IS NULL;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'claim % is gone', claim USING ERRCODE = 'ASKEY';
        END IF;
      END $$`);
    await queryRunner.query(`REVOKE EXECUTE ON FUNCTION ${SIGNATURE} FROM PUBLIC`);
    await queryRunner.query(`GRANT EXECUTE ON FUNCTION ${SIGNATURE} TO alphaswarm_app`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP FUNCTION ${SIGNATURE}`);
  }
}

const SIGNATURE = 'complete_idempotency_key(uuid, int, text, text, text, text)';
