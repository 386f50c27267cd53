import { readFileSync, writeFileSync } from 'node:fs';
import { declaredRoutes, doorFaults, permissionsDocument, stepUpFaults } from '#platform/auth';
import { RouteTable } from '#platform/http';
import { STEP_UP_LEDGER } from '../../apps/api/step-up-ledger.ts';
import { TestApi } from './support/index.ts';

const DOCUMENT = new URL('../../docs/permissions.md', import.meta.url);

describe('Every door of the application', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await TestApi.start();
  });

  afterAll(() => api.stop());

  it('is declared', () => {
    const routes = declaredRoutes(api.app.get(RouteTable).routes);
    expect(routes.length).toBeGreaterThan(10);
    expect(doorFaults(routes)).toEqual([]);
  });

  it('asks for the step-up that the ledger says, or the ledger says why not', () => {
    const routes = declaredRoutes(api.app.get(RouteTable).routes);
    expect(stepUpFaults(routes, STEP_UP_LEDGER)).toEqual([]);
  });

  it('stands in docs/permissions.md, which this test brings up to date before it fails', () => {
    const document = permissionsDocument(declaredRoutes(api.app.get(RouteTable).routes));
    const written = readFileSync(DOCUMENT, 'utf8');
    if (written !== document) writeFileSync(DOCUMENT, document);
    expect(written).toBe(document);
  });

  it('answers 401 to whoever brings no token, unless it is public', async () => {
    const closed = declaredRoutes(api.app.get(RouteTable).routes).filter(({ door }) => door?.kind !== 'public');
    for (const { method, path } of closed) {
      const response = await fetch(api.url + path.replaceAll(/:\w+/g, '018cc251-f400-7000-8000-0000000000ff'), {
        method,
      });
      expect([method, path, response.status]).toEqual([method, path, 401]);
    }
  });
});
