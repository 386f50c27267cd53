import { pipelined } from './pipelined.ts';
import type { TenantTransaction } from './tenant-transaction.ts';
import { TestDatabase } from './testing/index.ts';

const ORG_A = '018cc251-f400-7000-8000-00000000000a';
const ORG_B = '018cc251-f400-7000-8000-00000000000b';

describe('TenantTransaction', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await TestDatabase.create();
    await database.owner.query('CREATE TABLE notes (org_id uuid, text text NOT NULL)');
    await database.owner.query("CALL isolate_tenant('notes')");
  });

  afterAll(() => database.drop());

  it('shows a tenant its own rows only, and nobody any row without a context', async () => {
    const tx = await database.transaction();
    await tx.run({ orgId: ORG_A }, () => tx.manager.query('INSERT INTO notes VALUES ($1, $2)', [ORG_A, 'a']));
    const count = (orgId: string | null) =>
      tx.run({ orgId }, async () => Number((await tx.manager.query<{ n: string }[]>('SELECT count(*) n FROM notes'))[0]?.n));
    expect([await count(ORG_A), await count(ORG_B), await count(null)]).toEqual([1, 0, 0]);
  });

  it('refuses a row of another tenant', async () => {
    const tx = await database.transaction();
    await expect(tx.run({ orgId: ORG_A }, () => tx.manager.query('INSERT INTO notes VALUES ($1, $2)', [ORG_B, 'b']))).rejects.toThrow(/row-level security/);
  });

  describe('that reads', () => {
    const texts = (tx: TenantTransaction) => tx.manager.query<{ text: string }[]>('SELECT text FROM notes');

    it('shows a tenant its own rows only', async () => {
      const tx = await database.transaction();
      await database.owner.query('INSERT INTO notes VALUES ($1, $2)', [ORG_B, 'of b']);
      expect(await tx.read({ orgId: ORG_B }, () => texts(tx))).toEqual([{ text: 'of b' }]);
      expect(await tx.read({ orgId: null }, () => texts(tx))).toEqual([]);
      expect(await tx.read({ orgId: null, platformRead: true }, () => pipelined([texts(tx), texts(tx)]))).toEqual([expect.any(Array), expect.any(Array)]);
      await database.owner.query('DELETE FROM notes WHERE org_id = $1', [ORG_B]);
    });

    it('refuses writes, and statements that are not sent at once', async () => {
      const tx = await database.transaction();
      await expect(tx.read({ orgId: ORG_A }, () => tx.manager.query('INSERT INTO notes VALUES ($1, $2)', [ORG_A, 'no']))).rejects.toMatchObject({ code: '25006' });
      await expect(tx.read({ orgId: ORG_A }, async () => [await texts(tx), await texts(tx)])).rejects.toThrow(/has ended/);
    });

    it('leaves its connections clean when the work throws', async () => {
      const tx = await database.transaction();
      const broken = () => tx.read({ orgId: ORG_A }, () => { throw new Error('no'); });
      await Promise.all(Array.from({ length: 10 }, () => expect(broken()).rejects.toThrow('no')));
      const failing = () => tx.read({ orgId: ORG_A }, () => tx.manager.query('SELECT 1/0'));
      await Promise.all(Array.from({ length: 10 }, () => expect(failing()).rejects.toMatchObject({ code: '22012' })));
      expect(await Promise.all(Array.from({ length: 10 }, () => tx.read({ orgId: null }, () => texts(tx))))).toEqual(Array.from({ length: 10 }, () => []));
      const { rows } = await database.owner.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'");
      expect(rows).toEqual([]);
    });
  });

  it('throws the first error of statements that are sent together', async () => {
    const tx = await database.transaction();
    const foreign = () => tx.manager.query('INSERT INTO notes VALUES ($1, $2)', [ORG_B, 'b']);
    await expect(tx.run({ orgId: ORG_A }, () => pipelined([foreign(), tx.manager.query('SELECT 1')]))).rejects.toThrow(/row-level security/);
  });

  it('refuses statements after its end', async () => {
    const tx = await database.transaction();
    const manager = await tx.run({ orgId: ORG_A }, () => Promise.resolve(tx.manager));
    expect(() => manager.query('SELECT 1')).toThrow(/has ended/);
  });

  it('keeps nothing and notifies nobody when the work throws', async () => {
    const tx = await database.transaction();
    let notified = false;
    const work = tx.run({ orgId: ORG_B }, async () => {
      tx.afterCommit(() => { notified = true; });
      await tx.manager.query('INSERT INTO notes VALUES ($1, $2)', [ORG_B, 'b']);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    const { rows } = await database.owner.query('SELECT count(*)::int n FROM notes WHERE org_id = $1', [ORG_B]);
    expect(rows).toEqual([{ n: 0 }]);
    expect(notified).toBe(false);
  });

  it('joins a transaction of the same tenant and refuses to be joined by another', async () => {
    const tx = await database.transaction();
    await tx.run({ orgId: ORG_A }, async () => {
      const outer = tx.manager;
      await tx.run({ orgId: ORG_A }, async () => expect(tx.manager).toBe(outer));
      await expect(tx.run({ orgId: ORG_B }, async () => 0)).rejects.toThrow(/another tenant/);
    });
  });

  it('has no manager outside of a transaction', async () => {
    const tx = await database.transaction();
    expect(() => tx.manager).toThrow(/no tenant transaction/);
  });
});
