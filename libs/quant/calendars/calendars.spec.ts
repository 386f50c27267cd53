import { EXCHANGES, SymbolError } from '#kernel';
import { calendarFor } from './calendar-for.ts';
import { instantsOfLocal, offsetAt, zoneFault } from './zone-offsets.ts';

const dates = (exchange: string, from: string, to: string): string[] =>
  calendarFor(exchange)
    .sessions(from, to)
    .map((session) => session.date);
const iso = (instant: number | undefined): string | undefined =>
  instant === undefined ? undefined : new Date(instant).toISOString();

describe('us_equity', () => {
  const nyse = calendarFor('NYSE');

  it('has 5,105 sessions from 2000-01-03 to 2020-04-17', () => {
    expect(nyse.sessions('2000-01-03', '2020-04-17')).toHaveLength(5105);
  });

  it('has 252, 251, 250, 252, 250, 251 sessions in 2021 to 2026', () => {
    expect(
      [2021, 2022, 2023, 2024, 2025, 2026].map((year) => nyse.sessions(`${year}-01-01`, `${year}-12-31`).length),
    ).toEqual([252, 251, 250, 252, 250, 251]);
  });

  it('closes at 13:00 New York before Independence Day and after Thanksgiving', () => {
    for (const date of ['2024-07-03', '2024-11-29']) {
      const session = nyse.sessions(date, date)[0]!;
      expect([session.early, (session.close - session.open) / 60_000]).toEqual([true, 210]);
    }
    expect(nyse.sessions('2024-12-24', '2024-12-24')[0]!.early).toBe(true);
    expect(nyse.sessions('2002-07-05', '2002-07-05')[0]!.early).toBe(true);
    expect(nyse.sessions('2002-07-03', '2002-07-03')[0]!.early).toBe(false);
  });

  it('opens by the wall clock of New York across the change to summer time', () => {
    expect(iso(nyse.sessions('2024-03-08', '2024-03-08')[0]!.open)).toBe('2024-03-08T14:30:00.000Z');
    expect(iso(nyse.sessions('2024-03-11', '2024-03-11')[0]!.open)).toBe('2024-03-11T13:30:00.000Z');
  });

  it('skips holidays and special closures', () => {
    expect(dates('NASDAQ', '2024-01-12', '2024-01-16')).toEqual(['2024-01-12', '2024-01-16']);
    expect(dates('NASDAQ', '2001-09-10', '2001-09-17')).toEqual(['2001-09-10', '2001-09-17']);
    expect(dates('NASDAQ', '2021-12-31', '2022-01-03')).toEqual(['2021-12-31', '2022-01-03']);
    expect(dates('NASDAQ', '2025-01-08', '2025-01-10')).toEqual(['2025-01-08', '2025-01-10']);
  });

  it('finds sessions by label and by instant', () => {
    const session = nyse.sessionByLabel(Date.parse('2024-03-11T00:00:00Z'))!;
    expect(session.date).toBe('2024-03-11');
    expect(nyse.sessionByLabel(Date.parse('2024-03-10T00:00:00Z'))).toBeUndefined();
    expect(nyse.sessionAt(session.open)).toBe(session);
    expect(nyse.sessionAt(session.close - 1)).toBe(session);
    expect(nyse.sessionAt(session.close)).toBeUndefined();
    expect(nyse.sessionAt(session.open - 1)).toBeUndefined();
  });

  it('has extended hours from 04:00 to 20:00', () => {
    const window = nyse.extended(nyse.sessions('2024-03-11', '2024-03-11')[0]!);
    expect([iso(window.open), iso(window.close)]).toEqual(['2024-03-11T08:00:00.000Z', '2024-03-12T00:00:00.000Z']);
  });
});

describe('lse', () => {
  it('moves Christmas and Boxing Day to the next free weekdays', () => {
    expect(dates('LSE', '2021-12-23', '2022-01-05')).toEqual([
      '2021-12-23',
      '2021-12-24',
      '2021-12-29',
      '2021-12-30',
      '2021-12-31',
      '2022-01-04',
      '2022-01-05',
    ]);
    expect(dates('LSE', '2022-12-22', '2022-12-29')).toEqual(['2022-12-22', '2022-12-23', '2022-12-28', '2022-12-29']);
  });

  it('knows the jubilees and moved bank holidays', () => {
    expect(dates('LSE', '2022-05-27', '2022-06-06')).toEqual([
      '2022-05-27',
      '2022-05-30',
      '2022-05-31',
      '2022-06-01',
      '2022-06-06',
    ]);
    expect(dates('LSE', '2020-05-01', '2020-05-11')).toEqual([
      '2020-05-01',
      '2020-05-04',
      '2020-05-05',
      '2020-05-06',
      '2020-05-07',
      '2020-05-11',
    ]);
  });

  it('closes at 12:30 on the last session before Christmas and New Year', () => {
    const early = calendarFor('LSE')
      .sessions('2022-12-01', '2022-12-31')
      .filter((session) => session.early);
    expect(early.map((session) => iso(session.close))).toEqual([
      '2022-12-23T12:30:00.000Z',
      '2022-12-30T12:30:00.000Z',
    ]);
  });
});

describe('cme', () => {
  it('opens at 17:00 Chicago on the day before', () => {
    const monday = calendarFor('CME').sessions('2024-03-11', '2024-03-11')[0]!;
    expect([iso(monday.open), iso(monday.close)]).toEqual(['2024-03-10T22:00:00.000Z', '2024-03-11T21:00:00.000Z']);
    expect(calendarFor('CME').sessionAt(monday.open)).toBe(monday);
  });

  it('keeps Christmas on a Saturday on the Friday, and does not move New Year', () => {
    expect(dates('CME', '2021-12-23', '2022-01-03')).toEqual([
      '2021-12-23',
      '2021-12-27',
      '2021-12-28',
      '2021-12-29',
      '2021-12-30',
      '2021-12-31',
      '2022-01-03',
    ]);
  });
});

describe('24x7', () => {
  it('has the UTC day as its session', () => {
    const session = calendarFor('BINANCE').sessionByLabel(Date.parse('2024-02-29T00:00:00Z'))!;
    expect([session.open, session.close - session.open]).toEqual([session.label, 86_400_000]);
    expect(dates('BINANCE', '2024-01-01', '2024-12-31')).toHaveLength(366);
  });
});

describe('calendarFor', () => {
  it('knows every seeded exchange, and refuses another', () => {
    for (const exchange of EXCHANGES) expect(calendarFor(exchange).exchange).toBe(exchange);
    expect(() => calendarFor('MOON')).toThrow(SymbolError);
    expect(() => calendarFor('constructor')).toThrow(SymbolError);
  });

  it('closes a day without session when a session would have, as the clocks stand that day', () => {
    const close = (date: string) => new Date(calendarFor('LOCAL').regularClose(Date.parse(date))).toISOString();
    expect(['2023-03-11', '2023-03-12', '2023-11-04', '2023-11-05'].map(close)).toEqual([
      '2023-03-11T21:00:00.000Z',
      '2023-03-12T20:00:00.000Z',
      '2023-11-04T20:00:00.000Z',
      '2023-11-05T21:00:00.000Z',
    ]);
  });

  it('is lenient for LOCAL only', () => {
    expect(EXCHANGES.filter((exchange) => calendarFor(exchange).lenient)).toEqual(['LOCAL']);
  });

  it('agrees with the zone database on every opening of twenty years', () => {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/London',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    for (const session of calendarFor('LSE').sessions('2005-01-01', '2024-12-31'))
      expect(format.format(session.open)).toBe('08:00');
  });
});

describe('names of zones', () => {
  it('are places, as abbreviations have no summer time', () => {
    for (const name of ['America/New_York', 'UTC', 'GMT', 'CET', 'Etc/GMT+5', 'EST5EDT', 'Japan'])
      expect([name, zoneFault(name)]).toEqual([name, null]);
    expect(zoneFault('EST')).toBe(
      'EST is an abbreviation and has no summer time of its own; name a place, such as America/New_York',
    );
    for (const [name, place] of [
      ['MST', 'America/Denver'],
      ['PST', 'America/Los_Angeles'],
      ['IST', 'Asia/Kolkata'],
      ['ACT', 'America/New_York'],
    ])
      expect(zoneFault(name!)).toContain(`such as ${place}`);
    for (const name of ['Mars/Base', '', 'New York'])
      expect(zoneFault(name)).toBe('must be an IANA time zone, such as America/New_York');
  });
});

describe('local times', () => {
  const at = (wall: string): (string | undefined)[] =>
    instantsOfLocal('America/New_York', Date.parse(`${wall}:00Z`)).map(iso);

  it('exist once, never in a gap, twice in an overlap', () => {
    expect(at('2024-07-01T09:30')).toEqual(['2024-07-01T13:30:00.000Z']);
    expect(at('2024-03-10T02:30')).toEqual([]);
    expect(at('2024-11-03T01:30')).toEqual(['2024-11-03T05:30:00.000Z', '2024-11-03T06:30:00.000Z']);
    expect(at('2024-12-31T23:30')).toEqual(['2025-01-01T04:30:00.000Z']);
  });

  it('have the offset of their season', () => {
    expect([
      offsetAt('America/New_York', Date.parse('2024-01-01T00:00Z')),
      offsetAt('America/New_York', Date.parse('2024-07-01T00:00Z')),
    ]).toEqual([-18_000_000, -14_400_000]);
  });
});
