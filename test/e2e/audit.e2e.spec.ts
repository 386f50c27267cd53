import { newId } from '#kernel';
import { TestApi } from './support/index.ts';
import { PROBE_TABLE, ProbeModule } from './support/probe.module.ts';

interface Run {
  id: string;
  action: string;
  actor: string;
  status: string;
  target: string | null;
  started_at: string;
  payload: object;
  entries: { seq: number | null; kind: string }[];
}
interface List {
  data: Run[];
  next_cursor: string | null;
}

describe('audit routes', () => {
  let api: TestApi;
  let ann: string;
  let ed: string;
  let bo: string;
  let orgId: string;

  beforeAll(async () => {
    api = await TestApi.start({ modules: [ProbeModule] });
    await api.database.owner.query(PROBE_TABLE);
    ann = await api.token('ann');
    ed = await api.token('ed', { role: 'editor' });
    bo = await api.token('bo', { org: 'other', role: 'owner' });
    for (const [token, name] of [
      [ann, 'one'],
      [ed, 'two'],
      [ann, 'three'],
    ] as const)
      await api.post('/probe', { name }, { token });
    const { rows } = await api.database.owner.query<{ org_id: string }>(
      "SELECT org_id FROM workload_runs WHERE action = 'probe.create'",
    );
    orgId = rows[0]!.org_id;
  });
  afterAll(() => api.stop());

  const list = async (token: string, query = '') =>
    (await api.get(`/audit/workload-runs${query}`, { token })).body as List;

  it('list runs, newest first, by filter and page', async () => {
    const runs = (await list(ann, '?action=probe.create')).data;
    expect(runs.map((run) => [run.status, run.payload])).toEqual([
      ['succeeded', { name: 'three' }],
      ['succeeded', { name: 'two' }],
      ['succeeded', { name: 'one' }],
    ]);
    const first = await list(ann, '?action=probe.create&limit=1');
    expect((await list(ann, `?action=probe.create&limit=1&cursor=${first.next_cursor}`)).data[0]?.id).toBe(runs[1]!.id);
    expect(
      (
        await list(
          ann,
          `?actor=${runs[0]!.actor}&status=succeeded&target=${runs[0]!.target}&from=${runs[0]!.started_at}`,
        )
      ).data.map((run) => run.id),
    ).toContain(runs[0]!.id);
    expect((await list(ann, `?action=probe.create&to=${runs[2]!.started_at}`)).data).toEqual([]);
  });

  it('show editors what they started and nobody another organization', async () => {
    const [run] = (await list(ann, '?action=probe.create')).data;
    expect((await list(ed, '?action=probe.create')).data.map((own) => own.payload)).toEqual([{ name: 'two' }]);
    const unknown = await api.get(`/audit/workload-runs/${newId()}`, { token: bo });
    for (const token of [ed, bo]) {
      const answer = await api.get(`/audit/workload-runs/${run!.id}`, { token });
      expect({ ...answer.body, instance: 0, request_id: 0 }).toEqual({ ...unknown.body, instance: 0, request_id: 0 });
      expect(answer.status).toBe(404);
    }
    expect((await api.get(`/audit/workload-runs?org=${orgId}`, { token: bo })).status).toBe(404);
    expect((await api.get(`/audit/chains/org:${orgId}/verify`, { token: bo })).status).toBe(404);
    expect((await api.get('/audit/chains/platform/verify', { token: ann })).status).toBe(404);
    expect((await api.get('/audit/chains/nothing/verify', { token: ann })).status).toBe(404);
    expect((await api.get(`/audit/chains/org:${orgId}/verify`, { token: ed })).status).toBe(403);
    expect((await api.get('/audit/checkpoints', { token: ed })).status).toBe(403);
  });

  it('show the entries of a run and verify its chain', async () => {
    const [{ id }] = (await list(ann, '?action=probe.create')).data as [Run];
    const deadline = performance.now() + 2_000;
    let detail: Run;
    do {
      detail = (await api.get(`/audit/workload-runs/${id}`, { token: ann })).body as Run;
    } while (detail.entries.some(({ seq }) => seq === null) && performance.now() < deadline);
    expect(detail.entries.map(({ kind }) => kind)).toEqual(['intent', 'outcome']);
    expect(detail.entries[1]!.seq).toBeGreaterThan(detail.entries[0]!.seq!);
    const verified = await api.get(`/audit/chains/org:${orgId}/verify`, { token: ann });
    expect(verified.body).toMatchObject({ chain: `org:${orgId}`, from: 1, valid: true, first_bad: null });
    expect((await api.get(`/audit/chains/org:${orgId}/verify?from=3&to=2`, { token: ann })).status).toBe(422);
    expect((await api.get('/audit/checkpoints', { token: ann })).body).toEqual({ data: [], next_cursor: null });
  });

  it('record whom they refuse behind the door', async () => {
    expect(await api.get(`/audit/chains/org:${orgId}/verify`, { token: ed })).toMatchObject({
      status: 403,
      body: { required_permission: 'audit:read' },
    });
    const narrow = await api.token('nat', { role: 'viewer', scope: 'strategy:view' });
    expect((await api.get(`/membership?scope_kind=org&scope_id=${orgId}`, { token: narrow })).status).toBe(403);
    const { rows } = await api.database.owner.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM (SELECT kind, body FROM audit_entries UNION ALL SELECT kind, body FROM
        audit_ledger) AS entries WHERE kind = 'security' AND body ->> 'action' = 'auth.refused'
       AND body ->> 'chain' = $1`,
      [`org:${orgId}`],
    );
    expect(rows[0]?.n).toBe(2);
  });

  it('let platform staff read across organizations, on the record', async () => {
    const staff = await api.token('root', { role: 'superadmin' });
    expect((await api.get('/audit/chains/platform/verify', { token: staff })).body).toMatchObject({
      chain: 'platform',
      valid: true,
    });
    const { status } = await api.get(`/audit/workload-runs?org=${orgId}`, { token: staff });
    expect(status).toBe(200);
    const { rows } = await api.database.owner.query(
      "SELECT target_kind, status FROM workload_runs WHERE action = 'audit.read' ORDER BY id",
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row.status === 'succeeded')).toBe(true);
  });

  it('take any instant or refuse it, and leave no run open when they cannot read', async () => {
    const staff = await api.token('root', { role: 'superadmin' });
    for (const at of ['0000-01-01T00:00:00Z', '2026-01-02T24:00:00Z', '2026-01-02T03:04:05%2B16:00']) {
      expect([at, (await api.get(`/audit/workload-runs?from=${at}`, { token: ann })).status]).toEqual([at, 422]);
    }
    for (const at of ['0001-01-01T00:00:00%2B14:00', '9999-12-31T23:59:59-15:59'])
      expect([at, (await api.get(`/audit/workload-runs?to=${at}`, { token: ann })).status]).toEqual([at, 200]);
    await api.database.owner.query('REVOKE SELECT ON audit_checkpoints FROM alphaswarm_app');
    expect((await api.get('/audit/checkpoints?chain=platform', { token: staff })).status).toBe(500);
    await api.database.owner.query('GRANT SELECT ON audit_checkpoints TO alphaswarm_app');
    const { rows } = await api.database.owner.query(
      "SELECT status, error_code FROM workload_runs WHERE action = 'audit.read' ORDER BY id DESC LIMIT 1",
    );
    expect(rows).toEqual([{ status: 'failed', error_code: 'internal_error' }]);
  });
});
