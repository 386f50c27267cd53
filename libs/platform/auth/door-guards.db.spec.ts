import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { Context, type RequestContext } from '#platform/context';
import { NotAudited } from '#platform/http';
import { AuthenticatedOnly, Public, Requires } from './door.ts';
import { resource } from './resource.ts';
import { type Answer, GuardedApp, type TenantBuilder, type TestTenant, type TestTokens } from './testing/index.ts';

const NOTE = resource('note', 'notes');

@Controller()
class NotesController {
  @Get('open')
  @Public()
  open(): object {
    return {};
  }

  @Get('me')
  @AuthenticatedOnly()
  me(@Context() ctx: RequestContext): object {
    return { org: ctx.orgId, workspace: ctx.workspaceId, project: ctx.projectId };
  }

  @Get('notes/:id')
  @Requires('strategy:view', { resource: NOTE })
  one(@Context() ctx: RequestContext): object {
    return { workspace: ctx.workspaceId, project: ctx.projectId };
  }

  @Post('notes/:id/edit')
  @HttpCode(200)
  @Requires('strategy:edit', { resource: NOTE })
  @NotAudited('test')
  edit(): object {
    return {};
  }

  @Post('notes/:id/release')
  @HttpCode(200)
  @Requires('deploy:release', { resource: NOTE, stepUp: true })
  @NotAudited('test')
  release(): object {
    return {};
  }

  @Get('org-note')
  @Requires('team:create', { at: 'org' })
  org(): object {
    return {};
  }

  @Get('forgotten')
  forgotten(): object {
    return {};
  }
}

describe('The guards of a door', () => {
  let guarded: GuardedApp;
  let build: TenantBuilder;
  let tokens: TestTokens;
  let acme: TestTenant;
  let globex: TestTenant;
  const notes: Record<'shared' | 'inProject' | 'hidden' | 'foreign', string> = {
    shared: '',
    inProject: '',
    hidden: '',
    foreign: '',
  };

  beforeAll(async () => {
    guarded = await GuardedApp.start({
      controller: NotesController,
      sql: [
        `CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), org_id uuid NOT NULL, workspace_id uuid,
        project_id uuid)`,
        "CALL isolate_tenant('notes')",
      ],
      env: { ALPHASWARM_RATE_WRITE: '5', ALPHASWARM_RATE_PRINCIPAL: '1000' },
    });
    ({ build, tokens } = guarded);
    [acme, globex] = await Promise.all([build.tenant('acme'), build.tenant('globex')]);
    const secret = await build.workspace(acme.orgId, 'secret', { visibility: 'private' });
    const note = async (orgId: string, workspaceId: string | null, projectId: string | null = null): Promise<string> =>
      (
        await guarded.database.owner.query<{ id: string }>(
          'INSERT INTO notes (org_id, workspace_id, project_id) VALUES ($1, $2, $3) RETURNING id',
          [orgId, workspaceId, projectId],
        )
      ).rows[0]?.id ?? '';
    Object.assign(notes, {
      shared: await note(acme.orgId, null),
      inProject: await note(acme.orgId, acme.workspaceId, acme.projectId),
      hidden: await note(acme.orgId, secret),
      foreign: await note(globex.orgId, globex.workspaceId),
    });
  });

  afterAll(() => guarded.stop());

  // A minute between tests fills every bucket again.
  beforeEach(() => guarded.clock.advance(180_000));

  const call = (method: string, path: string, token?: string): Promise<Answer> => guarded.call(method, path, token);
  const outcome = (method: string, path: string, token?: string): Promise<string> =>
    guarded.outcome(method, path, token);

  it('lets anybody in where the door is public, and nobody where none is declared', async () => {
    expect([
      await outcome('GET', '/open'),
      await outcome('GET', '/me'),
      await outcome('GET', '/forgotten', await tokens.of(acme, 'owner')),
    ]).toEqual(['200', '401 unauthenticated', '500 internal_error']);
  });

  it('takes workspace and project of the row that the path names', async () => {
    expect((await call('GET', `/notes/${notes.inProject}`, await tokens.of(acme, 'viewer'))).body).toEqual({
      workspace: acme.workspaceId,
      project: acme.projectId,
    });
    expect((await call('GET', `/notes/${notes.shared}`, await tokens.of(acme, 'viewer'))).body).toEqual({
      workspace: acme.workspaceId,
      project: null,
    });
  });

  it('answers 404 to a foreign, a hidden and an unknown row, before permissions or step-up are judged', async () => {
    const [viewer, admin] = [await tokens.of(acme, 'viewer'), await tokens.of(acme, 'admin')];
    for (const id of [notes.foreign, notes.hidden, '018cc251-f400-7000-8000-0000000000ff']) {
      expect([
        await outcome('GET', `/notes/${id}`, viewer),
        await outcome('POST', `/notes/${id}/release`, viewer),
      ]).toEqual(['404 not_found', '404 not_found']);
    }
    expect(await outcome('GET', `/notes/${notes.hidden}`, admin)).toBe('200');
  });

  it('decides by the role on the row, so a grant on its project is enough', async () => {
    const person = await build.person('project-editor');
    await build.grant({
      orgId: acme.orgId,
      subjectId: person.id,
      scopeKind: 'project',
      scopeId: acme.projectId,
      role: 'editor',
    });
    const token = await tokens.named('project-editor', 'acme');
    expect([
      await outcome('POST', `/notes/${notes.inProject}/edit`, token),
      await outcome('POST', `/notes/${notes.shared}/edit`, token),
      await outcome('GET', `/notes/${notes.hidden}`, token),
    ]).toEqual(['200', '403 forbidden', '404 not_found']);
  });

  it('refuses by role and by token, naming the permission', async () => {
    const refused = await call('POST', `/notes/${notes.inProject}/edit`, await tokens.of(acme, 'viewer'));
    expect([refused.status, refused.body.required_permission]).toEqual([403, 'strategy:edit']);
    expect(
      await outcome(
        'POST',
        `/notes/${notes.inProject}/edit`,
        await tokens.of(acme, 'owner', { scope: 'strategy:view' }),
      ),
    ).toBe('403 forbidden');
  });

  it('looks at the form of an id after permission and step-up', async () => {
    const path = '/notes/42/release';
    expect([
      await outcome('POST', path, await tokens.of(acme, 'viewer')),
      await outcome('POST', path, await tokens.of(acme, 'owner')),
      await outcome('POST', path, await tokens.of(acme, 'owner', { acr: 'high' })),
      await outcome('GET', '/notes/42', await tokens.of(acme, 'viewer')),
    ]).toEqual(['403 forbidden', '401 step_up_required', '422 validation_failed', '422 validation_failed']);
  });

  it('judges an organization-wide permission on the organization, not on a workspace with a higher role', async () => {
    const person = await build.person('workspace-admin');
    await build.grant({
      orgId: acme.orgId,
      subjectId: person.id,
      scopeKind: 'workspace',
      scopeId: acme.workspaceId,
      role: 'admin',
    });
    expect([
      await outcome('GET', '/org-note', await tokens.named('workspace-admin', 'acme')),
      await outcome('GET', '/org-note', await tokens.of(acme, 'admin')),
    ]).toEqual(['403 forbidden', '200']);
  });

  it('challenges who may act but has not authenticated strongly or lately', async () => {
    const path = `/notes/${notes.inProject}/release`;
    const now = guarded.clock.now() / 1000;
    expect(await outcome('POST', path, await tokens.of(acme, 'admin', { acr: 'high' }))).toBe('403 forbidden');
    const stale = await call('POST', path, await tokens.of(acme, 'owner', { acr: 'high', authTime: now - 331 }));
    expect([stale.status, stale.body.code, stale.body.step_up, stale.headers.get('cache-control')]).toEqual([
      401,
      'step_up_required',
      { acr_values: 'high', max_age: 300, reason: 'stale' },
      'no-store',
    ]);
    expect(stale.headers.get('www-authenticate')).toBe(
      'Bearer realm="alphaswarm-core", error="insufficient_user_authentication", error_description="A different ' +
        'authentication level is required", acr_values="high", max_age="300"',
    );
    expect([
      await outcome('POST', path, await tokens.of(acme, 'owner')),
      await outcome('POST', path, await tokens.of(acme, 'owner', { acr: 'high', authTime: now - 330 })),
    ]).toEqual(['401 step_up_required', '200']);
  });

  it('limits writes of a principal and tells it, even when the answer is a refusal', async () => {
    const token = await tokens.of(globex, 'viewer');
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await call('POST', `/notes/${notes.foreign}/edit`, token));
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 429]);
    expect([
      answers[0]?.headers.get('ratelimit'),
      answers[5]?.headers.get('ratelimit'),
      answers[5]?.headers.get('retry-after'),
    ]).toEqual([expect.stringContaining('"write";r=4;'), expect.stringContaining('"write";r=0;'), '1']);
    expect(await outcome('GET', `/notes/${notes.foreign}`, token)).toBe('200');
  });

  it('believes grants until they have changed', async () => {
    const person = await build.person('fired');
    const grant = await build.grant({
      orgId: acme.orgId,
      subjectId: person.id,
      scopeKind: 'org',
      scopeId: acme.orgId,
      role: 'viewer',
    });
    const token = await tokens.named('fired', 'acme');
    expect(await outcome('GET', '/me', token)).toBe('200');
    await guarded.database.owner.query('DELETE FROM memberships WHERE id = $1', [grant]);
    const changed = performance.now();
    while ((await outcome('GET', '/me', token)) === '200' && performance.now() - changed < 10_000);
    expect(await outcome('GET', '/me', token)).toBe('403 no_membership');
    expect(performance.now() - changed).toBeLessThan(2_000);
  });

  it('leaves a security entry of every refusal after a good signature, and none of a forged token', async () => {
    const security = async (): Promise<unknown[]> =>
      (
        await guarded.database.owner.query(
          `SELECT body ->> 'action' AS action, body ->> 'actor' AS actor, body ->> 'target' AS target, payload -
            'suppressed' AS payload
       FROM (SELECT kind, body, payload, at FROM audit_entries UNION SELECT kind, body - 'seq', payload, at FROM
         audit_ledger) AS entries WHERE kind = 'security' AND at >= $1 ORDER BY 1`,
          [new Date(guarded.clock.now())],
        )
      ).rows;
    const token = await tokens.of(acme, 'editor', { scope: 'admin:org deploy:release' });
    await call('GET', '/me', `${token}x`);
    await call('GET', '/me', await tokens.of(acme, 'editor', { ttlSeconds: 86_401 }));
    await call('POST', `/notes/${notes.inProject}/release`, token);
    await call('POST', `/notes/${notes.inProject}/release`, await tokens.of(acme, 'owner'));
    expect(await security()).toEqual([
      {
        action: 'auth.challenged',
        actor: `user:${acme.people.owner.id}`,
        target: `note:${notes.inProject}`,
        payload: { reason: 'step_up_required', step_up: { acr_values: 'high', max_age: 300, reason: 'acr' } },
      },
      {
        action: 'auth.refused',
        actor: `user:${acme.people.editor.id}`,
        target: `note:${notes.inProject}`,
        payload: { reason: 'forbidden', required_permission: 'deploy:release' },
      },
      { action: 'auth.rejected', actor: 'anonymous', target: null, payload: { provider: 'local', reason: 'lifetime' } },
    ]);
  });

  it('keeps its key in a file that nobody else can read', () => {
    expect(statSync(join(guarded.dataDir, 'local-issuer.json')).mode & 0o777).toBe(0o600);
  });
});
