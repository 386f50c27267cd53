/**
 * The statements of the bare server: the screen of a strategy as the gateway reads it, and the two commits of a
 * mutation.
 */
const TEST_JSON =
  `json_build_object('id', t.id, 'status', t.status, 'engine', t.engine, 'sharpe', t.sharpe, ` +
  `'total_return', t.total_return,
  'max_drawdown', t.max_drawdown, 'backtest_id', t.backtest_id, 'created_at', rfc3339(t.created_at))`;
const VERSION_JSON =
  `json_build_object('id', v.id, 'version', v.version, 'spec_hash', v.spec_hash, 'author', ` +
  `v.author, 'created_at', rfc3339(v.created_at), 'notes', v.notes)`;

export const SET_TENANT = `SELECT set_config('app.org_id', $1, true), set_config('app.platform', '', true),
  set_config('app.platform_read',
  '', true)`;

export const STRATEGY_DETAIL = `
  SELECT s.id, s.name, s.status, s.version, s.created_by AS author, rfc3339(s.created_at) AS created_at,
    rfc3339(last.completed_at) AS last_tested_at, last.sharpe AS last_sharpe,
    s.tags, s.config_yaml,
    (SELECT v.spec_hash FROM strategy_versions v WHERE v.strategy_id = s.id AND v.version = s.version) AS spec_hash,
    COALESCE((SELECT json_agg(${VERSION_JSON} ORDER BY v.version DESC) FROM strategy_versions v WHERE v.strategy_id =
    s.id), '[]') AS versions,
    COALESCE((SELECT json_agg(${TEST_JSON} ORDER BY t.created_at DESC, t.id DESC) FROM
      (SELECT * FROM strategy_tests WHERE strategy_id = s.id ORDER BY created_at DESC, id DESC LIMIT 10) t), '[]') AS
      tests
  FROM strategies s
  LEFT JOIN LATERAL (
    SELECT t.sharpe, t.completed_at FROM strategy_tests t WHERE t.strategy_id = s.id AND t.status = 'completed' ORDER BY
      t.completed_at DESC, t.id DESC LIMIT 1
  ) last ON true
  WHERE s.id = $1`;

/**
 * Tables of intents and outcomes for the peers, shaped like the gateway's but out of its sealer's sight. Run by the
 * owner.
 */
export const PEER_TABLES = `
  DROP TABLE IF EXISTS bench_entries, bench_runs;
  CREATE TABLE bench_runs (
    id uuid PRIMARY KEY, org_id uuid, action text NOT NULL, actor_id text NOT NULL, payload jsonb NOT NULL, status text
    NOT NULL DEFAULT 'pending',
    result jsonb, started_at timestamptz(3) NOT NULL, ended_at timestamptz(3));
  CREATE INDEX bench_runs_by_org ON bench_runs (org_id, started_at DESC, id DESC);
  CREATE TABLE bench_entries (id uuid PRIMARY KEY, org_id uuid, kind text NOT NULL, run_id uuid NOT NULL, body jsonb NOT
  NULL, at timestamptz(3) NOT NULL);
  CREATE INDEX bench_entries_in_order ON bench_entries (at, id);
  CALL isolate_tenant('bench_runs');
  CALL isolate_tenant('bench_entries');`;

export const INSERT_RUN = `INSERT INTO bench_runs (id, org_id, action, actor_id, payload, started_at) VALUES ($1, $2,
  'strategy.create',
  $3, $4, $5)`;
export const INSERT_ENTRY =
  'INSERT INTO bench_entries (id, org_id, kind, run_id, body, at) VALUES ($1, $2, $3, $4, $5, $6)';
export const END_RUN =
  "UPDATE bench_runs SET status = 'succeeded', result = $2, ended_at = $3 WHERE id = $1 AND status = 'pending'";
export const INSERT_STRATEGY = `
  INSERT INTO strategies (id, org_id, workspace_id, owner_user_id, name, version, config_yaml, created_by, tags,
    created_at) VALUES ($1, $2, $3, $4, $5, 1, $6, $7, '{}', $8)`;
export const INSERT_VERSION = `
  INSERT INTO strategy_versions (id, org_id, workspace_id, owner_user_id, strategy_id, version, config_yaml, normalised,
    spec_hash, author, created_at)
  VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10)`;
