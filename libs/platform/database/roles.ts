import { createHmac } from 'node:crypto';
import pg from 'pg';

/** Logs in for requests and jobs: row-level security always applies. */
export const APP_ROLE = 'alphaswarm_app';
/** Logs in for the audit sealer alone: the only writer of the ledger. */
export const SEALER_ROLE = 'alphaswarm_sealer';
/** Owns the few SECURITY DEFINER functions that must read before a tenant is known. Cannot log in. */
export const LOOKUP_ROLE = 'alphaswarm_lookup';

/** Addresses of one database for each of our roles. */
export interface DatabaseUrls {
  owner: string;
  app: string;
  sealer: string;
}

/**
 * The application roles' passwords derive from the owner's, so that every replica knows them and nobody configures
 * them.
 */
export function databaseUrls(ownerUrl: string): DatabaseUrls {
  const ownerPassword = decodeURIComponent(new URL(ownerUrl).password);
  const as = (role: string): string => {
    const url = new URL(ownerUrl);
    url.username = role;
    url.password = createHmac('sha256', ownerPassword).update(role).digest('hex');
    return url.toString();
  };
  return { owner: ownerUrl, app: as(APP_ROLE), sealer: as(SEALER_ROLE) };
}

/** Creates or refreshes the cluster-wide roles. Safe to run from many processes at once. */
export async function prepareRoles(ownerUrl: string): Promise<void> {
  const urls = databaseUrls(ownerUrl);
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query("SELECT pg_advisory_xact_lock(hashtext('alphaswarm.roles'))");
    for (const [role, attributes, bypass] of [
      [APP_ROLE, `LOGIN PASSWORD '${new URL(urls.app).password}'`, false],
      [SEALER_ROLE, `LOGIN PASSWORD '${new URL(urls.sealer).password}'`, false],
      [LOOKUP_ROLE, 'NOLOGIN', true],
    ] as const) {
      const { rows } = await client.query<{ bypass: boolean }>(
        'SELECT rolbypassrls AS bypass FROM pg_roles WHERE rolname = $1',
        [role],
      );
      await client.query(`${rows.length > 0 ? 'ALTER' : 'CREATE'} ROLE ${role} ${attributes}`);
      // PostgreSQL 15 lets only a superuser name this attribute, even with the value that it has.
      if ((rows[0]?.bypass ?? false) !== bypass)
        await client.query(`ALTER ROLE ${role} ${bypass ? 'BYPASSRLS' : 'NOBYPASSRLS'}`);
      // The owner hands functions and grants to these roles, so it must be a member of them.
      await client.query(`GRANT ${role} TO CURRENT_USER`);
    }
    // Limits of platform.md 16. They belong to the role, because start-up parameters do not pass a transaction pooler.
    await client.query(`ALTER ROLE ${APP_ROLE} SET statement_timeout = '5s'`);
    await client.query(`ALTER ROLE ${APP_ROLE} SET lock_timeout = '2s'`);
    await client.query(`ALTER ROLE ${APP_ROLE} SET idle_in_transaction_session_timeout = '10s'`);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}
