import { pipelined } from './pipelined.ts';
import type { TenantTransaction } from './tenant-transaction.ts';
import { TestDatabase } from './testing/index.ts';

const ORG_A = '018cc251-f400-7000-8000-00000000000a';
/** SQL's class of lost connections, or what the socket says. */
const GONE = /^(08006|ECONNRESET|EPIPE)$/;
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
      tx.run({ orgId }, async () =>
        Number((await tx.manager.query<{ n: string }[]>('SELECT count(*) n FROM notes'))[0]?.n),
      );
    expect([await count(ORG_A), await count(ORG_B), await count(null)]).toEqual([1, 0, 0]);
  });

  it('refuses a row of another tenant', async () => {
    const tx = await database.transaction();
    await expect(
      tx.run({ orgId: ORG_A }, () => tx.manager.query('INSERT INTO notes VALUES ($1, $2)', [ORG_B, 'b'])),
    ).rejects.toThrow(/row-level security/);
  });

  it('says of every statement on a lost connection that it is lost', async () => {
    const tx = await database.transaction();
    const lost: unknown[] = [];
    await expect(
      tx.run({ orgId: ORG_A }, async () => {
        const [row] = await tx.manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
        const sent = ['SELECT pg_sleep(10)', 'SELECT 1'].map((sql) =>
          tx.manager.query(sql).catch((error: unknown) => lost.push(error)),
        );
        await database.owner.query('SELECT pg_terminate_backend($1)', [row?.pid]);
        await Promise.all(sent);
        await tx.manager.query('SELECT 1');
      }),
    ).rejects.toMatchObject({ code: expect.stringMatching(GONE) as string });
    expect(lost).toMatchObject([{ code: '57P01' }, { code: expect.stringMatching(GONE) as string }]);
  });

  it('lets everybody finish who needs a second connection beside the one that is held', async () => {
    const tx = await database.transaction(2);
    const one = (): Promise<unknown> =>
      tx.run({ orgId: ORG_A }, async () => {
        await tx.manager.query('SELECT 1');
        await tx.runSeparately({ orgId: ORG_A }, () => tx.manager.query('SELECT 1'));
        return tx.manager.query('SELECT 1');
      });
    await expect(Promise.all(Array.from({ length: 6 }, one))).resolves.toHaveLength(6);
  });

  describe('that reads', () => {
    const texts = (tx: TenantTransaction) => tx.manager.query<{ text: string }[]>('SELECT text FROM notes');

    it('shows a tenant its own rows only', async () => {
      const tx = await database.transaction();
      await database.owner.query('INSERT INTO notes VALUES ($1, $2)', [ORG_B, 'of b']);
      expect(await tx.read({ orgId: ORG_B }, () => texts(tx))).toEqual([{ text: 'of b' }]);
      expect(await tx.read({ orgId: null }, () => texts(tx))).toEqual([]);
      expect(await tx.read({ orgId: null, platformRead: true }, () => pipelined([texts(tx), texts(tx)]))).toEqual([
        expect.any(Array),
        expect.any(Array),
      ]);
      await database.owner.query('DELETE FROM notes WHERE org_id = $1', [ORG_B]);
    });

    it('passes parameters, order and duplicates through', async () => {
      const tx = await database.transaction();
      const asked = 'SELECT n, $1::text AS text FROM generate_series(1, 3) n ORDER BY n DESC LIMIT $2';
      expect(await tx.read({ orgId: ORG_A }, () => tx.manager.query(asked, ['a', 2]))).toEqual([
        { n: 3, text: 'a' },
        { n: 2, text: 'a' },
      ]);
    });

    it('keeps many tenants apart on the same connections', async () => {
      const tx = await database.transaction();
      await database.owner.query('INSERT INTO notes SELECT org::uuid, org FROM unnest($1::text[]) org', [
        [ORG_A, ORG_B],
      ]);
      const mine = (orgId: string) =>
        tx.read({ orgId }, () =>
          tx.manager.query<{ text: string }[]>('SELECT text FROM notes WHERE text = ANY ($1)', [[ORG_A, ORG_B]]),
        );
      const asked = Array.from({ length: 60 }, (_, i) => (i % 2 ? ORG_A : ORG_B));
      expect(await Promise.all(asked.map((orgId) => mine(orgId)))).toEqual(asked.map((text) => [{ text }]));
      await database.owner.query('DELETE FROM notes WHERE text = ANY ($1)', [[ORG_A, ORG_B]]);
    });

    it.each([
      `INSERT INTO notes VALUES ('${ORG_A}', 'no')`,
      `WITH new AS (INSERT INTO notes VALUES ('${ORG_A}', 'no') RETURNING 1) SELECT * FROM new`,
      'DELETE FROM notes',
    ])('refuses %s', async (write) => {
      const tx = await database.transaction();
      await expect(tx.read({ orgId: ORG_A }, () => tx.manager.query(write))).rejects.toMatchObject({
        code: expect.stringMatching(/^(42601|0A000)$/),
      });
    });

    it('joins a transaction, of the same tenant only', async () => {
      const tx = await database.transaction();
      await tx.run({ orgId: ORG_A }, async () => {
        const outer = tx.manager;
        await tx.read({ orgId: ORG_A }, async () => expect(tx.manager).toBe(outer));
        await expect(tx.read({ orgId: ORG_B }, async () => 0)).rejects.toThrow(/another tenant/);
      });
    });
  });

  it('throws the first error of statements that are sent together', async () => {
    const tx = await database.transaction();
    const foreign = () => tx.manager.query('INSERT INTO notes VALUES ($1, $2)', [ORG_B, 'b']);
    await expect(tx.run({ orgId: ORG_A }, () => pipelined([foreign(), tx.manager.query('SELECT 1')]))).rejects.toThrow(
      /row-level security/,
    );
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
      tx.afterCommit(() => {
        notified = true;
      });
      await tx.manager.query('INSERT INTO notes VALUES ($1, $2)', [ORG_B, 'b']);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    const { rows } = await database.owner.query('SELECT count(*)::int n FROM notes WHERE org_id = $1', [ORG_B]);
    expect(rows).toEqual([{ n: 0 }]);
    expect(notified).toBe(false);
  });

  it('throws when a statement had failed and the work did not say so', async () => {
    const tx = await database.transaction();
    let notified = false;
    const work = tx.run({ orgId: ORG_B }, async () => {
      tx.afterCommit(() => {
        notified = true;
      });
      await tx.manager.query('INSERT INTO notes VALUES ($1, $2)', [ORG_B, 'b']);
      await tx.manager.query('SELECT 1/0').catch(() => undefined);
    });
    await expect(work).rejects.toThrow(/rolled back/);
    expect(notified).toBe(false);
  });

  it('sends its last statements with the commit, and keeps nothing when one of them fails or is not sent', async () => {
    const tx = await database.transaction();
    const insert = (text: string) => tx.manager.query('INSERT INTO notes VALUES ($1, $2)', [ORG_B, text]);
    const texts = async () =>
      (
        await database.owner.query<{ text: string }>('SELECT text FROM notes WHERE org_id = $1 ORDER BY text', [ORG_B])
      ).rows.map(({ text }) => text);
    const scope = { orgId: ORG_B };
    await expect(
      tx.run(
        scope,
        () => insert('x').then(() => 'y'),
        (last) => [insert(last), tx.manager.query('SELECT 1/0')],
      ),
    ).rejects.toMatchObject({ code: '22012' });
    await expect(
      tx.run(
        scope,
        () => insert('x'),
        () => {
          throw new Error('not sent');
        },
      ),
    ).rejects.toThrow('not sent');
    expect(await texts()).toEqual([]);
    expect(
      await tx.run(
        scope,
        () => insert('a').then(() => 'b'),
        (last) => [insert(last)],
      ),
    ).toBe('b');
    await tx.run(scope, () =>
      tx.run(
        scope,
        () => insert('c'),
        () => [insert('d')],
      ),
    );
    expect(await texts()).toEqual(['a', 'b', 'c', 'd']);
    await database.owner.query('DELETE FROM notes WHERE org_id = $1', [ORG_B]);
  });

  it('waits for the last statements of what joined it, and throws their error whatever follows from it', async () => {
    const tx = await database.transaction();
    const scope = { orgId: ORG_B };
    const fail = () => tx.manager.query('SELECT 1/0');
    const joined = () =>
      tx.run(
        scope,
        () => Promise.resolve('done'),
        () => [fail()],
      );
    await expect(tx.run(scope, joined)).rejects.toMatchObject({ code: '22012' });
    await expect(tx.run(scope, joined, () => [tx.manager.query('SELECT 1')])).rejects.toMatchObject({ code: '22012' });
    await expect(tx.run(scope, () => joined().then(() => tx.manager.query('SELECT 1')))).rejects.toMatchObject({
      code: '22012',
    });
    await expect(tx.read(scope, joined)).rejects.toMatchObject({ code: '22012' });
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
