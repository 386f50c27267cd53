import { hashCanonical, sha256Hex } from '#kernel';
import { fingerprint } from '#platform/http';
import { PROBE_TABLE, ProbeModule } from './support/probe.module.ts';
import { type ApiResponse, TestApi } from './support/index.ts';

describe('fingerprint', () => {
  it('equals the vectors of the contract', () => {
    const runs = '/terraform/workspaces/018cc251-f400-7000-8000-0000000000aa/runs';
    expect(fingerprint('POST', runs, hashCanonical({ kind: 'plan' }))).toBe(
      '384c813754be540d0bfd2ea90796d79101cf454e9ef0d9c414a2a02fedcc575b',
    );
    expect(fingerprint('POST', `${runs}?dry_run=true`, hashCanonical({ kind: 'plan' }))).toBe(
      '657676f4dd495b61f4b0657a346c85393917d11597f13a56fd1170e60f71fb0c',
    );
    expect(fingerprint('POST', '/jobs/018cc251-f400-7000-8000-000000000001/retry', sha256Hex(''))).toBe(
      '7105397e127e69b9bc0ccad16cee1aa8a34009f4b657566c619433af450ff9f9',
    );
  });
});

describe('mutations', () => {
  let api: TestApi;
  let ann: string;

  beforeAll(async () => {
    api = await TestApi.start({
      modules: [ProbeModule],
      env: { ALPHASWARM_RATE_WRITE: '10000', ALPHASWARM_RATE_PRINCIPAL: '10000' },
    });
    await api.database.owner.query(PROBE_TABLE);
    ann = await api.token('ann');
  });

  afterAll(() => api.stop());

  const create = (name: string, key?: string, token = ann): Promise<ApiResponse> =>
    api.post('/probe', { name }, { token, headers: key === undefined ? {} : { 'idempotency-key': key } });
  const rows = async (name: string): Promise<number> => {
    const {
      rows: [row],
    } = await api.database.owner.query<{ n: number }>('SELECT count(*)::int n FROM probes WHERE name = $1', [name]);
    return row?.n ?? -1;
  };
  const runs = async (): Promise<{ status: string; error_code: string | null; target_kind: string | null }[]> => {
    const { rows: found } = await api.database.owner.query<{
      status: string;
      error_code: string | null;
      target_kind: string | null;
    }>("SELECT status, error_code, target_kind FROM workload_runs WHERE action LIKE 'probe.%' ORDER BY id");
    return found;
  };

  it('leave an intent and its outcome', async () => {
    const before = (await runs()).length;
    expect(await create('recorded')).toMatchObject({ status: 201, body: { name: 'recorded' } });
    expect((await runs()).slice(before)).toEqual([{ status: 'succeeded', error_code: null, target_kind: 'workspace' }]);
  });

  it('leave nothing when they are refused before the intent', async () => {
    const before = (await runs()).length;
    expect((await create('')).status).toBe(422);
    expect((await api.post('/probe', { name: 'x' })).status).toBe(401);
    expect((await runs()).length).toBe(before);
  });

  it('are undone and recorded as failed when the handler refuses or breaks', async () => {
    const before = (await runs()).length;
    expect((await create('refused')).status).toBe(409);
    expect((await create('broken')).status).toBe(500);
    expect([await rows('refused'), await rows('broken')]).toEqual([0, 0]);
    expect((await runs()).slice(before).map(({ status, error_code: code }) => [status, code])).toEqual([
      ['failed', 'conflict'],
      ['failed', 'internal_error'],
    ]);
  });

  it('do nothing while the audit trail cannot be written', async () => {
    await api.database.owner.query('REVOKE INSERT ON audit_entries FROM alphaswarm_app');
    try {
      const answer = await create('unrecorded', 'unrecorded');
      expect(answer).toMatchObject({ status: 503, body: { code: 'audit_unavailable' } });
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(await rows('unrecorded')).toBe(0);
    } finally {
      await api.database.owner.query('GRANT INSERT ON audit_entries TO alphaswarm_app');
    }
    expect((await create('unrecorded', 'unrecorded')).status).toBe(201);
  });

  describe('with an Idempotency-Key', () => {
    it('replay status, body, Location, ETag and Content-Type', async () => {
      const first = await create('once', 'key-1');
      const again = await create('once', 'key-1');
      expect([first.headers.get('idempotent-replayed'), again.headers.get('idempotent-replayed')]).toEqual([
        null,
        'true',
      ]);
      const told = ({ status, text, headers }: ApiResponse): unknown => [
        status,
        text,
        headers.get('location'),
        headers.get('etag'),
        headers.get('content-type'),
      ];
      expect(told(again)).toEqual(told(first));
      expect(told(first)).toEqual([
        201,
        expect.any(String),
        `/probe/${first.body.id as string}`,
        '"1"',
        'application/json; charset=utf-8',
      ]);
      expect(await rows('once')).toBe(1);
    });

    it('replay what was only read, too', async () => {
      const echo = (name: string): Promise<ApiResponse> =>
        api.post('/probe/echo', { name }, { token: ann, headers: { 'idempotency-key': 'echo' } });
      expect([
        (await echo('a')).headers.get('idempotent-replayed'),
        (await echo('a')).headers.get('idempotent-replayed'),
      ]).toEqual([null, 'true']);
      expect((await echo('b')).status).toBe(422);
    });

    it('replay an answer without body', async () => {
      const quiet = (): Promise<ApiResponse> =>
        api.post('/probe/quiet', undefined, { token: ann, headers: { 'idempotency-key': 'quiet' } });
      expect([await quiet(), await quiet()]).toMatchObject([
        { status: 204, text: '' },
        { status: 204, text: '' },
      ]);
    });

    it('act once when sent twice at once', async () => {
      const answers = await Promise.all([create('slow', 'twice'), create('slow', 'twice'), create('slow', 'twice')]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
      const running = answers.find(({ status }) => status === 409);
      expect(running).toMatchObject({ body: { code: 'idempotency_in_progress' } });
      expect(running?.headers.get('retry-after')).toBe('1');
      expect(await rows('slow')).toBe(1);
      expect((await create('slow', 'twice')).headers.get('idempotent-replayed')).toBe('true');
    });

    it('refuse the key of another request', async () => {
      await create('mine', 'reused');
      expect(await create('other', 'reused')).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
      expect(
        (await api.post('/probe?x=1', { name: 'mine' }, { token: ann, headers: { 'idempotency-key': 'reused' } }))
          .status,
      ).toBe(422);
      const text = '{ "name" : "mine" }';
      expect(
        (await api.post('/probe', text, { token: ann, headers: { 'idempotency-key': 'reused' } })).headers.get(
          'idempotent-replayed',
        ),
      ).toBe('true');
    });

    it('belong to one principal in one organization', async () => {
      await create('shared', 'scoped');
      const bo = await create('shared', 'scoped', await api.token('bo'));
      const elsewhere = await create('shared', 'scoped', await api.token('cy', { org: 'other' }));
      expect([bo, elsewhere].map(({ status, headers }) => [status, headers.get('idempotent-replayed')])).toEqual([
        [201, null],
        [201, null],
      ]);
    });

    it('are free again after a refusal, after 60 s of silence, and after 24 h', async () => {
      expect((await create('refused', 'freed')).status).toBe(409);
      expect((await create('refused', 'freed')).body.code).toBe('conflict');
      await create('aged', 'aged');
      await api.database.owner.query(
        "UPDATE idempotency_keys SET status = NULL, claimed_at = now() - interval '61 seconds' WHERE key = 'aged'",
      );
      expect((await create('aged', 'aged')).headers.get('idempotent-replayed')).toBeNull();
      await api.database.owner.query(
        "UPDATE idempotency_keys SET claimed_at = now() - interval '25 hours' WHERE key = 'aged'",
      );
      expect((await create('different', 'aged')).status).toBe(201);
    });

    it('lose everything when the key was given away meanwhile', async () => {
      const steal = async (): Promise<number> => {
        await new Promise((resolve) => setTimeout(resolve, 350));
        await api.database.owner.query(
          "UPDATE idempotency_keys SET claim_id = '018cc251-f400-7000-8000-0000000000ee' WHERE key = 'stolen'",
        );
        return rows('slow');
      };
      const [slow, before] = await Promise.all([create('slow', 'stolen'), steal()]);
      expect(slow).toMatchObject({ status: 409, body: { code: 'idempotency_in_progress' } });
      expect(await rows('slow')).toBe(before);
    });

    it('need a key that is one, where one is required', async () => {
      const required = (headers: Record<string, string>): Promise<ApiResponse> =>
        api.post('/probe/required', undefined, { token: ann, headers });
      expect(await required({})).toMatchObject({ status: 428, body: { code: 'idempotency_key_required' } });
      expect((await required({ 'idempotency-key': 'k' })).status).toBe(201);
      for (const key of ['a b', 'x'.repeat(129), 'é'])
        expect(await create('x', key)).toMatchObject({ status: 400, body: { code: 'bad_idempotency_key' } });
      expect((await create('x', 'x'.repeat(128))).status).toBe(201);
    });

    it('are not looked at where no key counts', async () => {
      const headers = { 'idempotency-key': 'a b' };
      expect((await api.post('/ws/tickets', { path: '/ws/x' }, { token: ann, headers })).status).toBe(200);
      expect((await api.post('/auth/dev/token', { user: 'ann' }, { headers })).status).toBe(200);
    });
  });
});
