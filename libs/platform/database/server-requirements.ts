import pg from 'pg';
import type { DataSource } from 'typeorm';

const LEAST_MAJOR = 15;
/** A pooler that lends connections by transaction may give the same one twice by chance; not so often. */
const ROUNDS = 5;

/** The database server is not one this release runs on. */
export class UnfitServerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnfitServerError';
  }
}

/**
 * Throws UnfitServerError where the server is older than PostgreSQL 15 (ADR 27), or where the address leads to a pooler
 * that lends connections by transaction: LISTEN, advisory locks and the job queue would wait there for ever.
 *
 * @param directUrl the owner's address that LISTEN and the queue will use
 */
export async function requireFitServer(directUrl: string): Promise<void> {
  const clients = [0, 1].map(() => new pg.Client({ connectionString: directUrl }));
  try {
    for (const client of clients) await client.connect();
    const [first, second] = clients as [pg.Client, pg.Client];
    await requireVersion(first);
    await requireSessions(first, second);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string; number: number }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number",
  );
  for (const { version, number } of rows)
    if (Math.floor(number / 10_000) < LEAST_MAJOR)
      throw new UnfitServerError(
        `The database server is PostgreSQL ${version}; this release needs PostgreSQL ${LEAST_MAJOR} or newer.`,
      );
}

/** Two sessions never share a server process. Behind a pooler of transactions both get whichever is free. */
async function requireSessions(first: pg.Client, second: pg.Client): Promise<void> {
  const seen = new Map<number, pg.Client>();
  const own = new Map<pg.Client, number>();
  for (let round = 0; round < ROUNDS; round++)
    for (const client of [first, second]) {
      const pid = await serverProcess(client);
      if ((seen.get(pid) ?? client) !== client || (own.get(client) ?? pid) !== pid)
        throw new UnfitServerError(
          'The database address leads to a pooler that lends connections by transaction. LISTEN, advisory locks, ' +
            'migrations and the job queue need sessions: set DATABASE_DIRECT_URL to the address of the server itself.',
        );
      seen.set(pid, client);
      own.set(client, pid);
    }
}

async function serverProcess(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]!.pid;
}

/**
 * Gives the schema `public` what migrations call and a server older than PostgreSQL 18 lacks. Functions that search
 * `pg_catalog, public` find the server's own where there is one.
 */
export async function addMissingFunctions(source: DataSource): Promise<void> {
  const [{ missing }] = await source.query<[{ missing: boolean }]>(
    "SELECT to_regprocedure('pg_catalog.uuidv7()') IS NULL AND to_regprocedure('public.uuidv7()') IS NULL AS missing",
  );
  if (missing) await source.query(UUIDV7);
}

/**
 * RFC 9562, version 7: 48 bits of milliseconds, the fraction of one in 12 bits (section 6.2, method 3), which puts
 * identifiers of one backend in order down to the microsecond of its clock, and the random end of a version 4.
 */
const UUIDV7 = `
  CREATE FUNCTION public.uuidv7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT (lpad(to_hex(now.us / 1000), 12, '0') || '7' || lpad(to_hex(now.us % 1000 * 4096 / 1000), 3, '0')
      || right(replace(gen_random_uuid()::text, '-', ''), 16))::uuid
    FROM (SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us OFFSET 0) AS now
  $$`;
