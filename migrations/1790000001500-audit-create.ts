import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Workload runs, the entries that wait to be sealed, the ledger, its heads and its checkpoints
 * (platform.md 5.6, 6, 7.4).
 */
export class AuditCreate1790000001500 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE workload_runs (
        id uuid PRIMARY KEY,
        org_id uuid,
        cell_id text NOT NULL CHECK (length(cell_id) <= 64),
        action text NOT NULL CHECK (length(action) BETWEEN 1 AND 120),
        target_kind text CHECK (length(target_kind) <= 64),
        target_id text CHECK (length(target_id) <= 240),
        actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'service', 'agent', 'system', 'anonymous')),
        actor_id text NOT NULL CHECK (length(actor_id) <= 240),
        act_chain jsonb NOT NULL DEFAULT '[]',
        started_by_user_id text CHECK (length(started_by_user_id) <= 240),
        experiment_id uuid,
        test_id uuid,
        auth jsonb,
        request_id text NOT NULL CHECK (length(request_id) <= 64),
        trace_id text CHECK (length(trace_id) = 32),
        source_ip inet,
        payload jsonb,
        status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'succeeded', 'failed', 'denied', 'cancelled', 'unknown')),
        error_code text CHECK (length(error_code) <= 120),
        result jsonb,
        started_at timestamptz(3) NOT NULL,
        -- Until then the work may still be going on; afterwards the reconciler says 'unknown'.
        lease_until timestamptz(3) NOT NULL,
        ended_at timestamptz(3),
        idempotency_key text CHECK (length(idempotency_key) <= 128),
        CHECK ((status IN ('pending', 'running')) = (ended_at IS NULL))
      )`);
    await queryRunner.query('CREATE INDEX workload_runs_by_org ON workload_runs (org_id, started_at DESC, id DESC)');
    await queryRunner.query(
      "CREATE INDEX workload_runs_open ON workload_runs (lease_until) WHERE status IN ('pending', 'running')",
    );
    await queryRunner.query(
      "CALL isolate_tenant('workload_runs', 'SELECT, INSERT, UPDATE (status, error_code, result, ended_at, lease_until)')",
    );
    await queryRunner.query(`
      CREATE TRIGGER workload_runs_end_once BEFORE UPDATE ON workload_runs FOR EACH ROW
      -- The owner alone may touch an ended run: it erases payloads when their retention is over.
      WHEN (OLD.status NOT IN ('pending', 'running') AND CURRENT_USER = 'alphaswarm_app') EXECUTE FUNCTION refuse_change()`);

    await queryRunner.query(`
      CREATE TABLE audit_entries (
        id uuid PRIMARY KEY,
        chain_id text NOT NULL CHECK (chain_id ~ '^(platform|org:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$'),
        kind text NOT NULL CHECK (kind IN ('intent', 'outcome', 'security')),
        run_id uuid,
        body jsonb NOT NULL,
        -- Of security entries only; an intent's payload is its run's, an outcome's follows from its run.
        payload jsonb,
        at timestamptz(3) NOT NULL
      )`);
    await queryRunner.query('CREATE INDEX audit_entries_in_order ON audit_entries (at, id)');
    await queryRunner.query(`
      CREATE TABLE audit_ledger (
        chain_id text NOT NULL,
        seq bigint NOT NULL CHECK (seq >= 1),
        run_id uuid,
        kind text NOT NULL CHECK (kind IN ('intent', 'outcome', 'security')),
        body jsonb NOT NULL,
        payload jsonb,
        prev_hash bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
        entry_hash bytea NOT NULL CHECK (octet_length(entry_hash) = 32),
        at timestamptz(3) NOT NULL,
        PRIMARY KEY (chain_id, seq)
      )`);
    await queryRunner.query('CREATE INDEX audit_ledger_by_run ON audit_ledger (run_id) WHERE run_id IS NOT NULL');
    await queryRunner.query(`
      CREATE TABLE audit_chain_heads (
        chain_id text PRIMARY KEY,
        seq bigint NOT NULL,
        hash bytea NOT NULL CHECK (octet_length(hash) = 32),
        checkpoint_seq bigint NOT NULL DEFAULT 0,
        -- Time of the first entry since the newest checkpoint; null right after one.
        open_since timestamptz(3)
      )`);
    await queryRunner.query(`
      CREATE TABLE audit_checkpoints (
        chain_id text NOT NULL,
        seq bigint NOT NULL,
        hash bytea NOT NULL CHECK (octet_length(hash) = 32),
        signature text NOT NULL CHECK (signature ~ '^[0-9a-f]{128}$'),
        key_id text NOT NULL CHECK (length(key_id) <= 64),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        exported_at timestamptz(3),
        location text CHECK (length(location) <= 1024),
        PRIMARY KEY (chain_id, seq)
      )`);
    for (const table of ['audit_ledger', 'audit_checkpoints']) {
      await queryRunner.query(
        `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
      );
    }
    for (const [table, app, sealer] of [
      ['audit_entries', 'SELECT, INSERT', 'SELECT, DELETE'],
      ['audit_ledger', 'SELECT', 'SELECT, INSERT'],
      ['audit_chain_heads', 'SELECT', 'SELECT, INSERT, UPDATE'],
      ['audit_checkpoints', 'SELECT', 'SELECT, INSERT'],
    ] as const) {
      const own =
        "chain_id = 'org:' || current_setting('app.org_id', true) OR (chain_id = 'platform' AND current_setting('app.platform', true) = 'on')";
      await queryRunner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await queryRunner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await queryRunner.query(`CREATE POLICY chain ON ${table} TO alphaswarm_app USING (${own}) WITH CHECK (${own})`);
      await queryRunner.query(
        `CREATE POLICY platform_read ON ${table} FOR SELECT TO alphaswarm_app USING (current_setting('app.platform_read', true) = 'on')`,
      );
      await queryRunner.query(`CREATE POLICY sealer ON ${table} TO alphaswarm_sealer USING (true) WITH CHECK (true)`);
      await queryRunner.query(`GRANT ${app} ON ${table} TO alphaswarm_app`);
      await queryRunner.query(`GRANT ${sealer} ON ${table} TO alphaswarm_sealer`);
    }
    // Verification compares what the ledger hashed with the payload and status that the run still has.
    await queryRunner.query('CREATE POLICY sealer ON workload_runs FOR SELECT TO alphaswarm_sealer USING (true)');
    await queryRunner.query('GRANT SELECT ON workload_runs TO alphaswarm_sealer');
    await queryRunner.query(RECORD_INTENT);
    await queryRunner.query(RECORD_OUTCOME);
    await queryRunner.query(RECORD_SECURITY);
    for (const signature of FUNCTIONS) {
      await queryRunner.query(`REVOKE EXECUTE ON FUNCTION ${signature} FROM PUBLIC`);
      await queryRunner.query(`GRANT EXECUTE ON FUNCTION ${signature} TO alphaswarm_app`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const signature of FUNCTIONS) await queryRunner.query(`DROP FUNCTION ${signature}`);
    for (const table of ['audit_checkpoints', 'audit_chain_heads', 'audit_ledger', 'audit_entries', 'workload_runs'])
      await queryRunner.query(`DROP TABLE ${table}`);
  }
}

const FUNCTIONS = [
  'record_workload_intent(jsonb, jsonb)',
  'record_workload_outcome(jsonb, jsonb)',
  'record_security_entry(jsonb)',
];

/*
 * Functions, because they run with the caller's rights in one round trip, with plans that PostgreSQL keeps: an intent
 * precedes every mutation. Each sets the tenant for its own transaction, or for its own duration when it joins one.
 */
const INSERT_ENTRY = `
  INSERT INTO audit_entries (id, chain_id, kind, run_id, body, payload, at)
  SELECT e.id, e.chain_id, e.kind, e.run_id, e.body, e.payload, e.at
  FROM jsonb_to_record(entry) AS e(id uuid, chain_id text, kind text, run_id uuid, body jsonb, payload jsonb, at timestamptz);`;

const ENTER_CHAIN = `
  PERFORM set_config('app.org_id', CASE WHEN chain LIKE 'org:%' THEN substr(chain, 5) ELSE '' END, true), set_config('app.platform', CASE chain WHEN 'platform' THEN 'on' ELSE '' END, true);`;

const RECORD_INTENT = `
  CREATE FUNCTION record_workload_intent(run jsonb, entry jsonb) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE chain text := entry->>'chain_id';
  BEGIN ${ENTER_CHAIN}
    INSERT INTO workload_runs (id, org_id, cell_id, action, target_kind, target_id, actor_kind, actor_id, act_chain, started_by_user_id, experiment_id, test_id,
      auth, request_id, trace_id, source_ip, payload, started_at, lease_until, idempotency_key)
    SELECT r.id, r.org_id, r.cell_id, r.action, r.target_kind, r.target_id, r.actor_kind, r.actor_id, r.act_chain, r.started_by_user_id, r.experiment_id, r.test_id,
      r.auth, r.request_id, r.trace_id, r.source_ip, r.payload, r.started_at, r.lease_until, r.idempotency_key
    FROM jsonb_to_record(run) AS r(id uuid, org_id uuid, cell_id text, action text, target_kind text, target_id text, actor_kind text, actor_id text, act_chain jsonb,
      started_by_user_id text, experiment_id uuid, test_id uuid, auth jsonb, request_id text, trace_id text, source_ip inet, payload jsonb, started_at timestamptz,
      lease_until timestamptz, idempotency_key text);
    ${INSERT_ENTRY}
  END $$`;

const RECORD_OUTCOME = `
  CREATE FUNCTION record_workload_outcome(outcome jsonb, entry jsonb) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    chain text := entry->>'chain_id';
    outer_org text := current_setting('app.org_id', true);
    outer_platform text := current_setting('app.platform', true);
  BEGIN ${ENTER_CHAIN}
    UPDATE workload_runs SET status = outcome->>'status', error_code = outcome->>'error_code', result = NULLIF(outcome->'result', 'null'), ended_at = (outcome->>'ended_at')::timestamptz
    WHERE id = (outcome->>'run_id')::uuid AND status IN ('pending', 'running');
    IF NOT FOUND THEN
      RAISE EXCEPTION 'workload run % is not open', outcome->>'run_id' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    ${INSERT_ENTRY}
    PERFORM set_config('app.org_id', coalesce(outer_org, ''), true), set_config('app.platform', coalesce(outer_platform, ''), true);
  END $$`;

const RECORD_SECURITY = `
  CREATE FUNCTION record_security_entry(entry jsonb) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE chain text := entry->>'chain_id';
  BEGIN ${ENTER_CHAIN} ${INSERT_ENTRY}
  END $$`;
