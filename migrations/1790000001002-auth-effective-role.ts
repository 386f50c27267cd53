import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Functions the application role may call before its organization is known. Owned by the role that bypasses row-level
 * security.
 */
const LOOKUPS: readonly (readonly [signature: string, definition: string])[] = [
  [
    'effective_grants(uuid, uuid)',
    `
    CREATE FUNCTION effective_grants(subject uuid, target uuid)
    RETURNS TABLE (role text, live_control boolean, via text, membership_id uuid, scope_kind text, scope_id uuid, team_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
      WITH RECURSIVE chain AS (
        SELECT s.id, s.kind, s.org_id, s.parent_id FROM scopes s WHERE s.id = target
        UNION ALL
        SELECT p.id, p.kind, p.org_id, p.parent_id FROM scopes p JOIN chain c ON p.id = c.parent_id
      ),
      container AS (SELECT w.id, w.org_id, w.visibility FROM chain c JOIN workspaces w ON w.id = c.id AND c.kind = 'workspace'),
      live AS (SELECT m.* FROM memberships m WHERE m.expires_at IS NULL OR m.expires_at > now()),
      granted AS (
        SELECT m.role, m.live_control AND role_rank(m.role) >= role_rank('editor') AS live_control, 'direct' AS via,
               m.id AS membership_id, m.scope_kind, m.scope_id, NULL::uuid AS team_id
        FROM live m JOIN chain c ON c.id = m.scope_id
        WHERE m.subject_kind IN ('user', 'service_principal') AND m.subject_id = subject
        UNION ALL
        SELECT weaker.role, g.live_control AND role_rank(weaker.role) >= role_rank('editor'), 'team', g.id, g.scope_kind, g.scope_id, t.id
        FROM live own
        JOIN teams t ON t.id = own.scope_id AND NOT t.archived
        JOIN live g ON g.subject_kind = 'team' AND g.subject_id = t.id
        JOIN chain c ON c.id = g.scope_id
        CROSS JOIN LATERAL (SELECT CASE WHEN role_rank(own.role) < role_rank(g.role) THEN own.role ELSE g.role END AS role) weaker
        WHERE own.subject_kind = 'user' AND own.subject_id = subject AND own.scope_kind = 'team'
        UNION ALL
        SELECT 'viewer', false, 'visibility', NULL, 'workspace', w.id, NULL
        FROM container w
        WHERE w.visibility = 'org'
          AND EXISTS (SELECT 1 FROM live m WHERE m.subject_kind = 'user' AND m.subject_id = subject AND m.org_id = w.org_id)
      )
      SELECT g.* FROM granted g
      WHERE (EXISTS (SELECT 1 FROM users u WHERE u.id = subject AND u.status NOT IN ('suspended', 'deleted'))
          OR EXISTS (SELECT 1 FROM service_principals p WHERE p.id = subject AND p.status = 'active' AND (p.expires_at IS NULL OR p.expires_at > now())))
        AND NOT (g.scope_kind = 'org' AND role_rank(g.role) < role_rank('admin') AND EXISTS (SELECT 1 FROM container w WHERE w.visibility = 'private'))
    $$`,
  ],
  [
    'effective_role(uuid, uuid)',
    `
    CREATE FUNCTION effective_role(subject uuid, target uuid) RETURNS TABLE (role text, live_control boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
      SELECT (array_agg(g.role ORDER BY role_rank(g.role) DESC))[1], bool_or(g.live_control)
      FROM effective_grants(subject, target) g HAVING count(*) > 0
    $$`,
  ],
  [
    'resolve_scope(uuid, uuid)',
    `
    CREATE FUNCTION resolve_scope(subject uuid, target uuid)
    RETURNS TABLE (kind text, org_id uuid, org_status text, workspace_id uuid, role text, live_control boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
      SELECT s.kind, s.org_id, o.status,
             CASE s.kind WHEN 'workspace' THEN s.id WHEN 'project' THEN s.parent_id WHEN 'lab' THEN s.parent_id END,
             r.role, COALESCE(r.live_control, false)
      FROM scopes s JOIN organizations o ON o.id = s.org_id LEFT JOIN LATERAL effective_role(subject, s.id) r ON true
      WHERE s.id = target
    $$`,
  ],
  [
    'identity_snapshot(text, text, text)',
    `
    CREATE FUNCTION identity_snapshot(provider text, issuer text, subject text)
    RETURNS TABLE (user_id uuid, email text, display_name text, status text, default_workspace_id text, organizations jsonb, valid_ms double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
      SELECT u.id, u.email::text, u.display_name, u.status, u.meta ->> 'default_workspace_id',
        CASE WHEN u.status IN ('suspended', 'deleted') THEN '[]'::jsonb ELSE COALESCE((
          SELECT jsonb_agg(jsonb_build_object('id', o.id, 'slug', o.slug, 'name', o.name, 'status', o.status) ORDER BY o.name, o.id)
          FROM organizations o WHERE o.id IN (
            SELECT m.org_id FROM memberships m
            WHERE m.subject_kind = 'user' AND m.subject_id = u.id AND (m.expires_at IS NULL OR m.expires_at > now()))), '[]') END,
        (SELECT extract(epoch FROM min(m.expires_at) - now()) * 1000 FROM memberships m
         WHERE m.expires_at > now() AND (
           (m.subject_kind = 'user' AND m.subject_id = u.id)
           OR (m.subject_kind = 'team' AND m.subject_id IN (
             SELECT own.scope_id FROM memberships own WHERE own.subject_kind = 'user' AND own.subject_id = u.id AND own.scope_kind = 'team'))))
      FROM user_identities i JOIN users u ON u.id = i.user_id
      WHERE i.provider = identity_snapshot.provider AND i.issuer = identity_snapshot.issuer AND i.subject = identity_snapshot.subject
    $$`,
  ],
  [
    'default_workspace(uuid, uuid)',
    `
    CREATE FUNCTION default_workspace(subject uuid, org uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
      SELECT w.id FROM workspaces w CROSS JOIN LATERAL effective_role(subject, w.id) r
      WHERE w.org_id = org ORDER BY w.archived, w.name, w.id LIMIT 1
    $$`,
  ],
  [
    'accessible_scopes(uuid)',
    `
    CREATE FUNCTION accessible_scopes(subject uuid) RETURNS TABLE (kind text, id uuid, role text, live_control boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
      SELECT s.kind, s.id, r.role, r.live_control
      FROM scopes s CROSS JOIN LATERAL effective_role(subject, s.id) r
      WHERE s.kind IN ('workspace', 'project', 'lab')
        AND s.org_id IN (SELECT m.org_id FROM memberships m WHERE m.subject_kind = 'user' AND m.subject_id = subject)
      ORDER BY s.kind, s.id
    $$`,
  ],
  [
    'organizations_of(uuid)',
    `
    CREATE FUNCTION organizations_of(subject uuid) RETURNS SETOF organizations
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
      SELECT o.* FROM organizations o WHERE o.status <> 'deleted' AND o.id IN (
        SELECT m.org_id FROM memberships m
        WHERE m.subject_kind = 'user' AND m.subject_id = subject AND (m.expires_at IS NULL OR m.expires_at > now()))
    $$`,
  ],
  [
    'organization_by_slug(text)',
    `
    CREATE FUNCTION organization_by_slug(wanted text) RETURNS TABLE (id uuid, slug text, name text, status text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
      SELECT o.id, o.slug, o.name, o.status FROM organizations o WHERE o.slug = wanted
    $$`,
  ],
];

/** Who has which role where: one answer for guards, lists and `GET /membership/effective` (platform.md 5.4). */
export class AuthEffectiveRole1790000001002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION role_rank(role text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN CASE role WHEN 'viewer' THEN 1 WHEN 'editor' THEN 2 WHEN 'admin' THEN 3 WHEN 'owner' THEN 4 ELSE 0 END`);
    // PostgreSQL lets a role own a function only where it may create one.
    await queryRunner.query('GRANT CREATE ON SCHEMA public TO alphaswarm_lookup');
    for (const [signature, definition] of LOOKUPS) {
      await queryRunner.query(definition);
      await queryRunner.query(`ALTER FUNCTION ${signature} OWNER TO alphaswarm_lookup`);
      await queryRunner.query(`REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC`);
      await queryRunner.query(`GRANT EXECUTE ON FUNCTION ${signature} TO alphaswarm_app`);
    }
    await queryRunner.query('REVOKE CREATE ON SCHEMA public FROM alphaswarm_lookup');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const [signature] of [...LOOKUPS].reverse()) await queryRunner.query(`DROP FUNCTION ${signature}`);
    await queryRunner.query('DROP FUNCTION role_rank(text)');
  }
}
