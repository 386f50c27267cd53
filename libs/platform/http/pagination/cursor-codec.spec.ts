import { FixedClock } from '#kernel';
import { CursorCodec, type PageRequest } from './cursor-codec.ts';

const ORG = { orgId: '018cc251-f400-7000-8000-00000000000a' };

function codec(): { clock: FixedClock; cursors: CursorCodec } {
  const clock = new FixedClock('2026-01-02T00:00:00Z');
  return { clock, cursors: new CursorCodec(new Uint8Array(32).fill(7), clock) };
}

function next(page: PageRequest): string {
  return page.of([1, 2, 3], (n) => [n, 'id']).next_cursor ?? '';
}

describe('CursorCodec', () => {
  it('carries the key of the last row shown', () => {
    const { cursors } = codec();
    const first = cursors.page(ORG, 'rows', { limit: 2 });
    expect(first.after).toBeNull();
    expect(first.of([1, 2, 3], (n) => [n])).toMatchObject({ data: [1, 2] });
    expect(cursors.page(ORG, 'rows', { limit: 9, cursor: next(first) }).after).toEqual([2, 'id']);
  });

  it('ends without a row too many', () => {
    const { cursors } = codec();
    expect(cursors.page(ORG, 'rows', { limit: 2 }).of([1, 2], (n) => [n])).toEqual({ data: [1, 2], next_cursor: null });
  });

  it('lives for 24 hours', () => {
    const { clock, cursors } = codec();
    const cursor = next(cursors.page(ORG, 'rows', { limit: 2 }));
    clock.advance(24 * 3_600_000);
    expect(() => cursors.page(ORG, 'rows', { limit: 2, cursor })).not.toThrow();
    clock.advance(1);
    expect(() => cursors.page(ORG, 'rows', { limit: 2, cursor })).toThrow('24 hours');
  });

  it('belongs to one list, one filter, one organization and one key', () => {
    const { clock, cursors } = codec();
    const cursor = next(cursors.page(ORG, 'rows', { limit: 2 }));
    const foreign = new CursorCodec(new Uint8Array(32).fill(8), clock);
    const attempts = [
      () => cursors.page(ORG, 'others', { limit: 2, cursor }),
      () => cursors.page({ orgId: null }, 'rows', { limit: 2, cursor }),
      () => cursors.page(ORG, 'rows', Object.assign({ limit: 2, cursor }, { status: 'live' })),
      () => foreign.page(ORG, 'rows', { limit: 2, cursor }),
      () => cursors.page(ORG, 'rows', { limit: 2, cursor: `${cursor}=` }),
    ];
    for (const attempt of attempts)
      expect(attempt).toThrow(expect.objectContaining({ status: 400, code: 'bad_cursor' }));
  });

  it('takes filters that were not given as absent', () => {
    const { cursors } = codec();
    const cursor = next(cursors.page(ORG, 'rows', Object.assign({ limit: 2 }, { status: undefined })));
    expect(() => cursors.page(ORG, 'rows', { limit: 2, cursor })).not.toThrow();
  });
});
