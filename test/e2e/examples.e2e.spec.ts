import { send } from './support/send.ts';
import { TestApi } from './support/index.ts';
import { UNLIMITED, createFixtures, operations } from './support/walk.ts';

/** Ids and symbols in examples are of nobody, and a finished thing cannot be cancelled or retried: an example may meet that, and nothing else. */
const MET = new Set([404, 409, 410]);

describe('The documented examples', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await TestApi.start({ env: UNLIMITED });
  });

  afterAll(() => api.stop());

  it('are accepted as they stand, and answered as documented', async () => {
    const token = await api.token('root', { role: 'superadmin', acr: 'high' });
    const [all, fixtures] = [await operations(api), await createFixtures(api, token)];
    expect(all.length).toBeGreaterThan(70);
    const faults: unknown[] = [];
    for (const operation of all) {
      const { method, query, example, contentType, statuses } = operation;
      // A DELETE would take away what the others ask for.
      const path = method === 'DELETE' ? undefined : fixtures.fill(operation);
      if (path === undefined) {
        if (method !== 'DELETE') faults.push([method, operation.path, 'has no fixture']);
        continue;
      }
      const headers: Record<string, string> = { 'if-match': '*', ...(contentType && !contentType.includes('json') ? { 'content-type': 'text/csv' } : {}) };
      const answer = await send(api.url, method, path + query, example, { token, headers });
      const met = MET.has(answer.status) || answer.body?.errors?.[0]?.code === 'unknown_symbol';
      if ((answer.status >= 300 && !met) || !statuses.includes(answer.status)) faults.push([method, path + query, answer.status, answer.body.code, answer.body.errors ?? answer.body.detail]);
    }
    expect(faults).toEqual([]);
  });
});
