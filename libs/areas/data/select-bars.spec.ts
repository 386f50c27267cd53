import { type BarSelection, selectPage } from './select-bars.ts';
import { statisticsOf } from './bar-statistics.ts';
import barsThread from './bars-thread.ts';

const DAY = 86_400_000;
const FIRST = Date.parse('2024-01-02');

/** Daily bars of consecutive US sessions of January 2024; `left` are left out. */
function selection(changes: Partial<BarSelection> = {}, left: readonly string[] = []): BarSelection {
  const sessions = ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-08', '2024-01-09'].filter(
    (date) => !left.includes(date),
  );
  const time = Float64Array.from(sessions, (date) => Date.parse(date));
  const column = (offset: number): Float64Array => time.map((_, i) => 100 + i + offset);
  const unknown = new Float64Array(time.length).fill(Number.NaN);
  return {
    table: {
      time,
      sessionDay: time.map((label) => label / DAY),
      open: column(0),
      high: column(2),
      low: column(-1),
      close: column(1),
      volume: column(0),
      vwap: unknown,
      tradeCount: unknown,
    },
    interval: '1d',
    target: '1d',
    exchange: 'NYSE',
    currency: 'USD',
    delistedDay: null,
    normalization: 'adjusted',
    actions: [],
    closes: new Map(),
    anchor: 'session',
    session: 'regular',
    fill: null,
    maxFill: 5,
    range: { start: null, end: null },
    now: Date.parse('2024-02-01'),
    ...changes,
  };
}

describe('selectPage', () => {
  const dates = (page: ReturnType<typeof selectPage>): number[] =>
    [...page.table.time].map((label) => (label - FIRST) / DAY);

  it('leads from the newest to older ones, and with a start from the oldest on', () => {
    const newest = selectPage(selection(), { forwards: false, after: null, limit: 2 });
    expect([dates(newest), newest.storedFrom, newest.nextAfter]).toEqual([[6, 7], 4, FIRST + 6 * DAY]);
    const older = selectPage(selection(), { forwards: false, after: newest.nextAfter, limit: 4 });
    expect([dates(older), older.storedFrom, older.nextAfter]).toEqual([[0, 1, 2, 3], 0, null]);
    const range = { start: { day: FIRST / DAY + 1 }, end: null };
    const first = selectPage(selection({ range }), { forwards: true, after: null, limit: 2 });
    expect([
      dates(first),
      dates(selectPage(selection({ range }), { forwards: true, after: first.nextAfter, limit: 9 })),
    ]).toEqual([
      [1, 2],
      [3, 6, 7],
    ]);
  });

  it('adjusts before it resamples, and knows that such bars are stored nowhere', () => {
    const page = selectPage(
      selection({ target: '1w', actions: [{ kind: 'split', exDay: FIRST / DAY + 6, ratio: 2 }] }),
      { forwards: false, after: null, limit: 10 },
    );
    expect([dates(page), [...page.table.high], page.storedFrom, page.adjustment.actions]).toEqual([
      [0, 6],
      [52.5, 107],
      null,
      1,
    ]);
  });

  it('F8 counts the bars of the range that the session leaves out', () => {
    const time = Float64Array.from(
      ['2024-01-02T13:30:00Z', '2024-01-02T14:30:00Z', '2024-01-03T02:30:00Z', '2024-01-03T14:30:00Z'],
      (text) => Date.parse(text),
    );
    const ones = time.map(() => 1);
    const table = {
      time,
      sessionDay: time.map((at) => Math.floor(at / DAY)),
      open: ones,
      high: ones,
      low: ones,
      close: ones,
      volume: ones,
      vwap: ones,
      tradeCount: ones,
    };
    const left = (changes: Partial<BarSelection>): number =>
      selectPage(selection({ table, interval: '1h', target: '1h', ...changes }), {
        forwards: false,
        after: null,
        limit: 1,
      }).offSession;
    expect([left({}), left({ session: 'extended' }), left({ session: 'all' }), left({ exchange: 'LOCAL' })]).toEqual([
      2, 1, 0, 0,
    ]);
    expect([
      left({ target: '4h' }),
      left({ range: { start: { day: FIRST / DAY + 1 }, end: null } }),
      left({ range: { start: null, end: { instant: FIRST } } }),
    ]).toEqual([2, 1, 0]);
    expect(selectPage(selection(), { forwards: false, after: null, limit: 1 }).offSession).toBe(0);
  });

  it('gives the same in the thread, as rows of their own', () => {
    const wanted = { forwards: false, after: null, limit: 2 };
    const answer = barsThread({ kind: 'page', selection: selection({ fill: 'forward' }, ['2024-01-08']), wanted });
    expect(answer).toEqual({ ok: true, value: selectPage(selection({ fill: 'forward' }, ['2024-01-08']), wanted) });
    expect((answer as { value: ReturnType<typeof selectPage> }).value.table.time.buffer.byteLength).toBe(16);
  });
});

describe('statisticsOf', () => {
  it('counts what is missing against the calendar up to the end of the session that an instant lies in', () => {
    const wanted = { exDays: [], listedAt: null, delistedAt: null };
    expect(statisticsOf(selection({}, ['2024-01-05']), wanted)).toMatchObject({
      bars: 5,
      coverage: { expected: 6, missing: 1, gaps: [FIRST + 3 * DAY] },
      freshness: 15,
    });
    const empty = {
      ...selection().table,
      ...Object.fromEntries(Object.entries(selection().table).map(([name]) => [name, new Float64Array(0)])),
    };
    const range = {
      start: { instant: Date.parse('2024-03-10T22:00:00Z') },
      end: { instant: Date.parse('2024-03-10T23:00:00Z') },
    };
    // The session of Monday 11 March opens in Chicago on Sunday at 17:00.
    expect(
      statisticsOf(
        selection({
          table: empty,
          exchange: 'CME',
          interval: '15m',
          target: '15m',
          range,
          now: Date.parse('2024-04-01'),
        }),
        wanted,
      ).coverage,
    ).toMatchObject({ expected: 4, missing: 4 });
  });
});
