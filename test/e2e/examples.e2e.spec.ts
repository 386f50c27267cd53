import { send } from './support/send.ts';
import { TestApi } from './support/index.ts';
import { type Fixtures, type Operation, UNLIMITED, createFixtures, operations } from './support/walk.ts';

/**
 * Ids and symbols in examples are of nobody, and a finished thing cannot be cancelled or retried: an example may meet
 * that, and nothing else.
 */
const MET = new Set([404, 409, 410]);

/** Edges of what a column, a double and a text can hold. */
const NUMBERS = ['0', '-1', '2147483648', '9007199254740991', '9223372036854775808', '1e308'];

describe('The documented examples', () => {
  let api: TestApi;
  let token: string;
  let all: Operation[];
  let fixtures: Fixtures;

  beforeAll(async () => {
    api = await TestApi.start({ env: UNLIMITED });
    token = await api.token('root', { role: 'superadmin', acr: 'high' });
    all = await operations(api);
    fixtures = await createFixtures(api, token);
  });

  afterAll(() => api.stop());

  it('are accepted as they stand, and answered as documented', async () => {
    expect(all.length).toBeGreaterThan(70);
    let calls = 0;
    const faults: unknown[] = [];
    for (const operation of all) {
      const { method, query, example, contentType, statuses } = operation;
      // A DELETE would take away what the others ask for.
      const path = method === 'DELETE' ? undefined : fixtures.fill(operation);
      if (path === undefined) {
        if (method !== 'DELETE') faults.push([method, operation.path, 'has no fixture']);
        continue;
      }
      const headers: Record<string, string> = {
        'if-match': '*',
        'idempotency-key': `example-${++calls}`,
        ...(contentType && !contentType.includes('json') ? { 'content-type': 'text/csv' } : {}),
      };
      const answer = await send(api.url, method, path + query, example, { token, headers });
      const met = MET.has(answer.status) || answer.body?.errors?.[0]?.code === 'unknown_symbol';
      if ((answer.status >= 300 && !met) || !statuses.includes(answer.status))
        faults.push([method, path + query, answer.status, answer.body.code, answer.body.errors ?? answer.body.detail]);
    }
    expect(faults).toEqual([]);
  });

  it('break nothing with any number in the place of theirs', async () => {
    const faults: unknown[] = [];
    let asked = 0;
    for (const operation of all) {
      const { method, query, example, numbers } = operation;
      const path = method === 'DELETE' ? undefined : fixtures.fill(operation);
      if (path === undefined) continue;
      const ask = async (search: string, body: unknown): Promise<void> => {
        asked++;
        const { status } = await send(api.url, method, path + search, body, { token, headers: { 'if-match': '*' } });
        if (status >= 500) faults.push([method, path + search, body, status]);
      };
      for (const number of NUMBERS) {
        for (const name of numbers.query) {
          const search = new URLSearchParams(query);
          search.set(name, number);
          await ask(`?${search.toString()}`, example);
        }
        for (const name of numbers.body) await ask(query, { ...(example as object), [name]: Number(number) });
      }
    }
    expect(faults).toEqual([]);
    expect(asked).toBeGreaterThan(200);
  });
});
