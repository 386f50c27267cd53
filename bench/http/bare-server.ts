import { createHash } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type JWK, importJWK, jwtVerify } from 'jose';
import pg from 'pg';
import { v7 } from 'uuid';
import { readStart, sayReady, untilTold } from './child.ts';
import * as sql from './sql.ts';

export interface BareSettings {
  databaseUrl: string;
  poolSize: number;
  /** Public key of the issuer. */
  jwk: JWK;
  issuer: string;
  audience: string;
  /** Where the token's subject acts. */
  orgId: string;
  workspaceId: string;
  userId: string;
  /** Check the signature of every request instead of remembering a verified token for a minute, as the gateway does. */
  verifyEach: boolean;
}

/**
 * The least that answers the two requests: `node:http` and `pg` with prepared statements, a token check and tenant
 * transactions, no framework, no validation, no limits.
 */
const settings = await readStart<BareSettings>();
const key = await importJWK(settings.jwk, 'RS256');
const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: settings.poolSize });
const verified = new Map<string, number>();
const REMEMBER_MS = 60_000;

async function authorized(request: IncomingMessage): Promise<boolean> {
  const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
  const hash = createHash('sha256').update(token).digest('hex');
  if (!settings.verifyEach && (verified.get(hash) ?? 0) > Date.now()) return true;
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['RS256'],
      issuer: settings.issuer,
      audience: settings.audience,
    });
    if (!String(payload['scp']).split(' ').includes('admin:org')) return false;
  } catch {
    return false;
  }
  verified.set(hash, Date.now() + REMEMBER_MS);
  return true;
}

/** Named, so that PostgreSQL keeps its plan: to plan the longest takes six times as long as to run it. */
function prepared(name: keyof typeof sql, values: unknown[]): pg.QueryConfig {
  return { name, text: sql[name], values };
}

async function inTenant<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(prepared('SET_TENANT', [settings.orgId]));
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function show(id: string): Promise<unknown> {
  return inTenant(
    async (client) => (await client.query<Record<string, unknown>>(prepared('STRATEGY_DETAIL', [id]))).rows[0],
  );
}

async function create(body: { name: string; config_yaml: string }): Promise<unknown> {
  const { orgId, workspaceId, userId } = settings;
  const [run, id, at] = [v7(), v7(), new Date()];
  const actor = `user:${userId}`;
  await inTenant(async (client) => {
    await client.query(prepared('INSERT_RUN', [run, orgId, actor, JSON.stringify(body), at]));
    await client.query(
      prepared('INSERT_ENTRY', [v7(), orgId, 'intent', run, JSON.stringify({ action: 'strategy.create', actor }), at]),
    );
  });
  return inTenant(async (client) => {
    await client.query(
      prepared('INSERT_STRATEGY', [id, orgId, workspaceId, userId, body.name, body.config_yaml, userId, at]),
    );
    const specHash = createHash('sha256').update(body.config_yaml).digest('hex');
    await client.query(
      prepared('INSERT_VERSION', [
        v7(),
        orgId,
        workspaceId,
        userId,
        id,
        body.config_yaml,
        JSON.stringify({ text: body.config_yaml }),
        specHash,
        userId,
        at,
      ]),
    );
    await client.query(prepared('END_RUN', [run, JSON.stringify({ id }), new Date()]));
    await client.query(
      prepared('INSERT_ENTRY', [v7(), orgId, 'outcome', run, JSON.stringify({ status: 'succeeded', id }), new Date()]),
    );
    return (await client.query<Record<string, unknown>>(prepared('STRATEGY_DETAIL', [id]))).rows[0];
  });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body ?? { status });
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!(await authorized(request))) return send(response, 401, null);
  if (request.method === 'POST') {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    return send(
      response,
      201,
      await create(JSON.parse(Buffer.concat(chunks).toString('utf8')) as { name: string; config_yaml: string }),
    );
  }
  const found = await show(request.url!.slice('/strategies/'.length));
  send(response, found ? 200 : 404, found);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    send(response, 500, null);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  sayReady({ port: typeof address === 'object' && address ? address.port : 0 });
});
await untilTold();
server.closeAllConnections();
server.close();
await pool.end();
