import { setTimeout as sleep } from 'node:timers/promises';
import { SystemClock } from '#kernel';
import { AuthConfig, loadTopic } from '#platform/config';
import { AppPool, OwnerPool } from '#platform/database';
import { TestDatabase } from '../database/testing/index.ts';
import { AuthorizationRepository, type IdentityRow } from './authorization.repository.ts';
import { GrantChanges } from './grant-changes.ts';
import { GrantChangesRepository } from './grant-changes.repository.ts';
import { GrantSnapshots } from './grant-snapshots.ts';
import { TenantBuilder, type TestTenant } from './testing/index.ts';
import { LOCAL_ISSUER } from './token/local-issuer.ts';

const SEEN_WITHIN_MS = 2_000;

/** What one process of several believes, and how often it has asked. */
class Process {
  readonly snapshots: GrantSnapshots;
  asked = 0;
  readonly #app: AppPool;
  readonly #owner: OwnerPool;
  readonly #changes: GrantChanges;

  constructor({ urls }: TestDatabase) {
    this.#app = new AppPool(urls.app, { size: 2, prepare: true });
    this.#owner = new OwnerPool(urls.owner);
    const repository = new AuthorizationRepository(this.#app);
    const identity = repository.identity.bind(repository);
    repository.identity = (...args): Promise<IdentityRow | null> => (this.asked++, identity(...args));
    const clock = new SystemClock();
    this.snapshots = new GrantSnapshots(repository, clock, loadTopic(AuthConfig, { ALPHASWARM_ENV: 'test' }));
    this.#changes = new GrantChanges(this.#owner, new GrantChangesRepository(this.#owner), this.snapshots, clock);
    this.#changes.onApplicationBootstrap();
  }

  async roleOf(user: string, scopeId: string): Promise<string | null> {
    const snapshot = await this.snapshots.of({ provider: 'local', issuer: LOCAL_ISSUER, subject: user });
    return (await snapshot.scope(scopeId))?.role ?? null;
  }

  async end(): Promise<void> {
    await this.#changes.beforeApplicationShutdown();
    await this.#owner.end();
    await this.#app.close();
  }
}

describe('Changes of grants', () => {
  let database: TestDatabase;
  let build: TenantBuilder;
  let acme: TestTenant;
  let globex: TestTenant;
  let processes: Process[];
  let count = 0;

  beforeAll(async () => {
    database = await TestDatabase.create();
    build = new TenantBuilder(database.owner);
    [acme, globex] = await Promise.all([build.tenant('acme'), build.tenant('globex')]);
    processes = [new Process(database), new Process(database)];
    await listening(2);
  });

  afterAll(async () => {
    await Promise.all(processes.map((one) => one.end()));
    await database.drop();
  });

  const LISTENERS = "datname = current_database() AND query = 'LISTEN alphaswarm_grants'";
  const listeners = async (): Promise<number> =>
    (await database.owner.query(`SELECT 1 FROM pg_stat_activity WHERE ${LISTENERS}`)).rowCount ?? 0;
  async function listening(wanted: number): Promise<void> {
    for (const end = Date.now() + 10_000; (await listeners()) !== wanted; await sleep(20))
      if (Date.now() > end) throw new Error(`there are not ${wanted} listeners`);
    // Heard of by the look that follows, too.
    await sleep(1_200);
  }

  const newcomer = async (): Promise<{ id: string; user: string }> => build.person(`newcomer-${++count}`);
  const sql = (text: string, values: unknown[]): Promise<unknown> => database.owner.query(text, values);
  /** Milliseconds until both processes see the role, whatever they believed before. */
  async function seen(user: string, scopeId: string, role: string | null): Promise<number> {
    const start = performance.now();
    const roles = (): Promise<(string | null)[]> => Promise.all(processes.map((one) => one.roleOf(user, scopeId)));
    for (let now = await roles(); now.some((one) => one !== role); now = await roles()) {
      if (performance.now() - start > 10_000) throw new Error(`still ${now.join()} and not ${role}`);
      await sleep(5);
    }
    return performance.now() - start;
  }

  const give = (
    subjectId: string,
    role: 'viewer' | 'editor' | 'admin',
    scopeKind: 'org' | 'team' | 'workspace' = 'org',
    scopeId = acme.orgId,
    subjectKind: 'user' | 'team' = 'user',
  ) => build.grant({ orgId: acme.orgId, subjectKind, subjectId, scopeKind, scopeId, role });

  it('reach every process within two seconds, whatever was changed and by whom', async () => {
    const { id, user } = await newcomer();
    const team = await build.team(acme.orgId, 'desk');
    const workspace = await build.workspace(acme.orgId, 'hall', { visibility: 'private' });
    await seen(user, workspace, null);
    const steps: [what: string, change: () => Promise<unknown>, role: string | null][] = [
      ['a first grant', () => give(id, 'viewer'), null],
      ['visibility', () => sql("UPDATE workspaces SET visibility = 'org' WHERE id = $1", [workspace]), 'viewer'],
      ['a grant', () => give(id, 'editor', 'workspace', workspace), 'editor'],
      ['a lower role', () => sql("UPDATE memberships SET role = 'viewer' WHERE subject_id = $1", [id]), 'viewer'],
      [
        'an expiry',
        () => sql("UPDATE memberships SET expires_at = now() + interval '1 ms' WHERE subject_id = $1", [id]),
        null,
      ],
      ['no expiry', () => sql('UPDATE memberships SET expires_at = NULL WHERE subject_id = $1', [id]), 'viewer'],
      ['a team of his', () => give(id, 'editor', 'team', team), 'viewer'],
      ['a grant of the team', () => give(team, 'editor', 'workspace', workspace, 'team'), 'editor'],
      ['an archived team', () => sql('UPDATE teams SET archived = true WHERE id = $1', [team]), 'viewer'],
      ['a suspended user', () => sql("UPDATE users SET status = 'suspended' WHERE id = $1", [id]), null],
      ['an active user', () => sql("UPDATE users SET status = 'active' WHERE id = $1", [id]), 'viewer'],
      ['no grant', () => sql('DELETE FROM memberships WHERE subject_id = $1', [id]), null],
    ];
    for (const [what, change, role] of steps) {
      await change();
      const took = await seen(user, workspace, role);
      expect([what, took < SEEN_WITHIN_MS]).toEqual([what, true]);
    }
  }, 60_000);

  it('are found by a look where the notification was lost with its connection', async () => {
    const { id, user } = await newcomer();
    await give(id, 'viewer');
    await seen(user, acme.orgId, 'viewer');
    await database.owner.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${LISTENERS}`);
    await sql('DELETE FROM memberships WHERE subject_id = $1', [id]);
    expect(await seen(user, acme.orgId, null)).toBeLessThan(SEEN_WITHIN_MS);
    await listening(2);
  }, 30_000);

  it('cost nobody of another organization a question', async () => {
    const [one] = processes as [Process];
    const { user } = globex.people.viewer;
    await one.roleOf(user, globex.orgId);
    const before = one.asked;
    const { id, user: other } = await newcomer();
    await give(id, 'viewer');
    await seen(other, acme.orgId, 'viewer');
    const between = one.asked;
    expect(between).toBeGreaterThan(before);
    await one.roleOf(user, globex.orgId);
    expect(one.asked).toBe(between);
  });
});
