import { Controller, Module, Post } from '@nestjs/common';
import { Requires } from '#platform/auth';
import { Audited } from '#platform/http';
import { type ApiResponse, TestApi } from './support/index.ts';

/** A destructive route, as `POST /halt` is one. */
@Controller('vault')
class VaultController {
  @Post()
  @Requires('credential:write', { stepUp: true })
  @Audited('vault.open', { idempotencyRequired: true })
  open(): { ok: boolean } {
    return { ok: true };
  }
}

@Module({ controllers: [VaultController] })
class VaultModule {}

const CHALLENGE =
  'Bearer realm="alphaswarm-core", error="insufficient_user_authentication", error_description="A different ' +
  'authentication level is required", acr_values="high", max_age="300"';

describe('Step-up', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await TestApi.start({ modules: [VaultModule], env: { ALPHASWARM_RATE_STEPUP: '1000' } });
  });

  afterAll(() => api.stop());

  const now = (): number => Math.floor(Date.now() / 1000);
  const open = (token: string, key: string): Promise<ApiResponse> =>
    api.post('/vault', undefined, { token, headers: { 'idempotency-key': key } });
  const intents = async (key: string): Promise<string[]> => {
    const { rows } = await api.database.owner.query<{ status: string }>(
      'SELECT status FROM workload_runs WHERE idempotency_key = $1',
      [key],
    );
    return rows.map(({ status }) => status);
  };

  it('13. lets a fresh strong login pass, and challenges any other byte for byte, with the reason', async () => {
    expect((await open(await api.token('ann', { acr: 'high', auth_time: now() - 100 }), '13')).status).toBe(201);
    for (const [request, reason] of [
      [{ acr: 'high', auth_time: now() - 331 }, 'stale'],
      [{ auth_time: now() }, 'acr'],
      [{ acr: 'high', auth_time: now() + 120 }, 'auth_time_missing'],
    ] as const) {
      const answer = await open(await api.token('ann', request), reason);
      expect([answer.status, answer.body.code, answer.body.step_up]).toEqual([
        401,
        'step_up_required',
        { acr_values: 'high', max_age: 300, reason },
      ]);
      expect([answer.headers.get('www-authenticate'), answer.headers.get('cache-control')]).toEqual([
        CHALLENGE,
        'no-store',
      ]);
    }
  });

  it('15. refuses whoever may not act without a challenge', async () => {
    const answer = await open(await api.token('vi', { role: 'viewer' }), '15');
    expect([answer.status, answer.body.code, answer.headers.get('www-authenticate')]).toEqual([403, 'forbidden', null]);
  });

  it('16. runs a challenged request once when it is repeated with a fresh token and the same key', async () => {
    expect((await open(await api.token('ann'), '16')).status).toBe(401);
    expect(await intents('16')).toEqual([]);
    const fresh = await api.token('ann', { acr: 'high' });
    const [first, again] = [await open(fresh, '16'), await open(fresh, '16')];
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 201, 'true']);
    expect(await intents('16')).toEqual(['succeeded']);
  });
});
