import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { newId } from '#kernel';
import { Audited, EnumField, NotAudited, UuidField } from '#platform/http';
import { Requires, type BodyDemands } from './door.ts';
import { GuardedApp, type Answer, type TestTenant, type TestTokenOptions } from './testing/index.ts';

class GrantBody {
  @UuidField() scope_id!: string;
  @EnumField(['viewer', 'admin', 'undeclared']) role!: string;
}

const demands = ({ scope_id: scopeId, role }: GrantBody): BodyDemands => ({
  permissions: [{ permission: role === 'admin' ? 'membership:grant_admin' : 'membership:grant', scopeId }],
  stepUp: role !== 'viewer',
});
let handled = 0;

@Controller()
class GrantsController {
  @Post('grants')
  @Requires('membership:read', { stepUp: { maxAge: 600, byBody: true }, demands })
  @Audited('test.grant')
  grant(@Body() { role }: GrantBody): object {
    handled++;
    return { role };
  }

  @Post('grants/check')
  @HttpCode(200)
  @Requires('membership:read', { demands })
  @NotAudited('test')
  check(@Body() { role }: GrantBody): object {
    return { role };
  }
}

describe('What a body demands', () => {
  let guarded: GuardedApp;
  let acme: TestTenant;
  let globex: TestTenant;
  let hidden: string;

  beforeAll(async () => {
    guarded = await GuardedApp.start({
      controller: GrantsController,
      sql: [],
      env: { ALPHASWARM_RATE_WRITE: '100000', ALPHASWARM_RATE_PRINCIPAL: '100000', ALPHASWARM_RATE_STEPUP: '5' },
    });
    [acme, globex] = await Promise.all([guarded.build.tenant('acme'), guarded.build.tenant('globex')]);
    hidden = await guarded.build.workspace(acme.orgId, 'hidden', { visibility: 'private' });
  });

  afterAll(() => guarded.stop());

  beforeEach(() => guarded.clock.advance(600_000));

  const post = (path: string, token: string, body: object, key?: string): Promise<Answer> =>
    guarded.call('POST', path, token, {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
    });
  const outcome = async (token: string, scopeId: string, role: string, path = '/grants'): Promise<string> => {
    const { status, body } = await post(path, token, { scope_id: scopeId, role });
    return typeof body.code === 'string' ? `${status} ${body.code}` : String(status);
  };
  const owner = (options: TestTokenOptions = {}): Promise<string> => guarded.tokens.of(acme, 'owner', options);
  const runs = async (): Promise<number> => {
    const { rows } = await guarded.database.owner.query<{ n: number }>('SELECT count(*)::int AS n FROM workload_runs');
    return rows[0]?.n ?? -1;
  };

  it('is asked on the scope that the body names: 404 unseen, 403 without the permission there', async () => {
    const [admin, viewer] = [await guarded.tokens.of(acme, 'admin'), await guarded.tokens.of(acme, 'viewer')];
    expect([
      await outcome(viewer, acme.workspaceId, 'viewer'),
      await outcome(viewer, hidden, 'viewer'),
      await outcome(admin, globex.workspaceId, 'viewer'),
      await outcome(admin, newId(), 'viewer'),
      await outcome(admin, hidden, 'viewer'),
      await outcome(admin, acme.orgId, 'viewer'),
      await outcome(admin, hidden, 'admin'),
    ]).toEqual(['403 forbidden', '404 not_found', '404 not_found', '404 not_found', '201', '201', '403 forbidden']);
  });

  it('does not let staff reach a scope that is not there or of another organization', async () => {
    const superadmin = await owner({ scope: 'platform:admin' });
    for (const scopeId of [newId(), globex.orgId, globex.workspaceId])
      expect(await outcome(superadmin, scopeId, 'viewer')).toBe('404 not_found');
  });

  it('comes after validation, before intent and key: a challenged request runs once when it is repeated', async () => {
    const [before, calls] = [await runs(), handled];
    const body = { scope_id: acme.orgId, role: 'admin' };
    const challenged = await post('/grants', await owner(), body, 'k');
    expect([challenged.status, challenged.body.code, challenged.body.step_up]).toEqual([
      401,
      'step_up_required',
      { acr_values: 'high', max_age: 600, reason: 'acr' },
    ]);
    expect((await post('/grants', await owner(), { ...body, role: 'king' })).status).toBe(422);
    expect([await runs(), handled]).toEqual([before, calls]);
    const fresh = await owner({ acr: 'high' });
    const [first, again] = [await post('/grants', fresh, body, 'k'), await post('/grants', fresh, body, 'k')];
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 201, 'true']);
    expect([await runs(), handled]).toEqual([before + 1, calls + 1]);
    // Nor does a stale login get the stored answer.
    expect((await post('/grants', await owner(), body, 'k')).status).toBe(401);
  });

  it('passes to the second: 630 s after the login and no later', async () => {
    const now = guarded.clock.now() / 1000;
    for (const [age, expected] of [
      [630, '201'],
      [631, '401 step_up_required'],
      [-60, '201'],
      [-61, '401 step_up_required'],
    ] as const)
      expect([age, await outcome(await owner({ acr: 'high', authTime: now - age }), acme.orgId, 'admin')]).toEqual([
        age,
        expected,
      ]);
  });

  it('is charged and recorded as a door’s step-up is', async () => {
    const token = await owner();
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await outcome(token, acme.orgId, 'admin'));
    expect(answers).toEqual([...Array.from({ length: 5 }, () => '401 step_up_required'), '429 rate_limited']);
    const { rows } = await guarded.database.owner.query<{ reason: string }>(
      `SELECT payload ->> 'reason' AS reason FROM audit_entries WHERE body ->> 'action' = 'auth.challenged' AND at >= $1
       UNION SELECT payload ->> 'reason' FROM audit_ledger WHERE body ->> 'action' = 'auth.challenged' AND at >= $1`,
      [new Date(guarded.clock.now())],
    );
    expect(rows).toEqual([{ reason: 'step_up_required' }]);
  });

  it('is asked of handlers that record nothing, and a step-up that no door declares is a fault of ours', async () => {
    const path = '/grants/check';
    expect([
      await outcome(await guarded.tokens.of(acme, 'viewer'), acme.workspaceId, 'viewer', path),
      await outcome(await owner(), acme.workspaceId, 'viewer', path),
      await outcome(await owner({ acr: 'high' }), acme.workspaceId, 'undeclared', path),
    ]).toEqual(['403 forbidden', '200', '500 internal_error']);
  });
});
