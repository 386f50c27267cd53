import { parseMoment, type WrittenMoment } from '#kernel';
import { calendarFor } from './calendar-for.ts';
import { sessionLabel, stampFault, type StampRules } from './stamps.ts';

/** Session date, offset of the exchange's clocks, and midnight, open and closes in UTC as vendors send them. */
type Row = readonly [
  exchange: string,
  date: string,
  offset: string,
  midnight: string,
  open: string,
  closes: readonly string[],
];
const SESSIONS: readonly Row[] = [
  ['NASDAQ', '2024-01-02', '-05:00', '2024-01-02T05:00:00Z', '2024-01-02T14:30:00Z', ['2024-01-02T21:00:00Z']],
  ['NASDAQ', '2024-03-08', '-05:00', '2024-03-08T05:00:00Z', '2024-03-08T14:30:00Z', ['2024-03-08T21:00:00Z']],
  ['NASDAQ', '2024-03-11', '-04:00', '2024-03-11T04:00:00Z', '2024-03-11T13:30:00Z', ['2024-03-11T20:00:00Z']],
  ['NYSE', '2024-07-02', '-04:00', '2024-07-02T04:00:00Z', '2024-07-02T13:30:00Z', ['2024-07-02T20:00:00Z']],
  [
    'NYSE',
    '2024-07-03',
    '-04:00',
    '2024-07-03T04:00:00Z',
    '2024-07-03T13:30:00Z',
    ['2024-07-03T17:00:00Z', '2024-07-03T20:00:00Z'],
  ],
  ['NASDAQ', '2024-11-01', '-04:00', '2024-11-01T04:00:00Z', '2024-11-01T13:30:00Z', ['2024-11-01T20:00:00Z']],
  ['NASDAQ', '2024-11-04', '-05:00', '2024-11-04T05:00:00Z', '2024-11-04T14:30:00Z', ['2024-11-04T21:00:00Z']],
  [
    'ARCA',
    '2024-11-29',
    '-05:00',
    '2024-11-29T05:00:00Z',
    '2024-11-29T14:30:00Z',
    ['2024-11-29T18:00:00Z', '2024-11-29T21:00:00Z'],
  ],
  ['LSE', '2024-01-02', '+00:00', '2024-01-02T00:00:00Z', '2024-01-02T08:00:00Z', ['2024-01-02T16:30:00Z']],
  ['LSE', '2024-03-28', '+00:00', '2024-03-28T00:00:00Z', '2024-03-28T08:00:00Z', ['2024-03-28T16:30:00Z']],
  ['LSE', '2024-04-02', '+01:00', '2024-04-01T23:00:00Z', '2024-04-02T07:00:00Z', ['2024-04-02T15:30:00Z']],
  ['LSE', '2024-10-25', '+01:00', '2024-10-24T23:00:00Z', '2024-10-25T07:00:00Z', ['2024-10-25T15:30:00Z']],
  [
    'LSE',
    '2024-12-24',
    '+00:00',
    '2024-12-24T00:00:00Z',
    '2024-12-24T08:00:00Z',
    ['2024-12-24T12:30:00Z', '2024-12-24T16:30:00Z'],
  ],
  ['CME', '2024-01-03', '-06:00', '2024-01-03T06:00:00Z', '2024-01-02T23:00:00Z', ['2024-01-03T22:00:00Z']],
  ['CME', '2024-03-08', '-06:00', '2024-03-08T06:00:00Z', '2024-03-07T23:00:00Z', ['2024-03-08T22:00:00Z']],
  ['CME', '2024-03-11', '-05:00', '2024-03-11T05:00:00Z', '2024-03-10T22:00:00Z', ['2024-03-11T21:00:00Z']],
  ['CME', '2024-07-02', '-05:00', '2024-07-02T05:00:00Z', '2024-07-01T22:00:00Z', ['2024-07-02T21:00:00Z']],
  ['BINANCE', '2024-02-29', '+00:00', '2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z', []],
  ['BINANCE', '2024-03-31', '+00:00', '2024-03-31T00:00:00Z', '2024-03-31T00:00:00Z', []],
  ['COINBASE', '2024-01-06', '+00:00', '2024-01-06T00:00:00Z', '2024-01-06T00:00:00Z', []],
  // At a close of Monday to Thursday the next session opens, so only Friday's close is one.
  ['FX', '2024-01-03', '-05:00', '2024-01-03T05:00:00Z', '2024-01-02T22:00:00Z', []],
  ['FX', '2024-01-05', '-05:00', '2024-01-05T05:00:00Z', '2024-01-04T22:00:00Z', ['2024-01-05T22:00:00Z']],
  ['FX', '2024-03-11', '-04:00', '2024-03-11T04:00:00Z', '2024-03-10T21:00:00Z', []],
  ['FX', '2024-07-05', '-04:00', '2024-07-05T04:00:00Z', '2024-07-04T21:00:00Z', ['2024-07-05T21:00:00Z']],
];

const at = (text: string): WrittenMoment => parseMoment(text)!;
const epoch = (text: string): WrittenMoment => ({ wall: Date.parse(text), offset: 0 });
/** The wall clock that an instant shows at an offset such as -05:00, `2024-01-02T09:30:00`. */
function wall(instant: string, offset: string): string {
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4));
  return new Date(Date.parse(instant) + (offset.startsWith('-') ? -1 : 1) * minutes * 60_000)
    .toISOString()
    .slice(0, 19);
}

const STAMPS: [exchange: string, stamp: string, date: string, moment: WrittenMoment][] = SESSIONS.flatMap(
  ([exchange, date, offset, midnight, open, closes]) => {
    const texts = [
      date,
      `${date}T00:00:00`,
      `${date} 00:00`,
      `${date} 00:00:00${offset}`,
      `${date}T00:00:00.000Z`,
      `${date}T00:00:00+08:00`,
      `${date}T00:00:00-1000`,
      midnight,
      wall(midnight, offset) + offset,
      ...[open, ...closes].flatMap((instant) => [
        instant,
        wall(instant, offset) + offset,
        wall(instant, offset),
        wall(instant, '+05:30') + '+05:30',
      ]),
    ];
    const epochs = [midnight, open, ...closes, `${date}T00:00:00Z`];
    return [
      ...texts.map((text): [string, string, string, WrittenMoment] => [exchange, text, date, at(text)]),
      ...epochs.map((text): [string, string, string, WrittenMoment] => [
        exchange,
        String(Date.parse(text)),
        date,
        epoch(text),
      ]),
    ];
  },
);

const dateOf = (label: number): string => (Number.isNaN(label) ? 'none' : new Date(label).toISOString().slice(0, 10));
const label = (text: string, exchange: string, rules?: StampRules, interval: '1d' | '1w' = '1d'): string =>
  dateOf(sessionLabel(at(text), calendarFor(exchange), interval, rules));

describe('F10 stamps of daily bars', () => {
  it('are more than 300 forms', () => expect(STAMPS.length).toBeGreaterThan(300));

  it.each(STAMPS)('%s %s is %s', (exchange, _text, date, moment) => {
    for (const rules of [{}, { inside: true }])
      expect(dateOf(sessionLabel(moment, calendarFor(exchange), '1d', rules))).toBe(date);
  });

  it('are the date as written at midnight, whatever day that is', () => {
    for (const date of ['2024-01-06', '2024-01-01', '2023-12-31']) {
      for (const rest of ['', 'T00:00:00', 'T00:00:00Z', 'T00:00:00+08:00'])
        expect(label(date + rest, 'NASDAQ')).toBe(date);
    }
    expect(label('2024-01-06T05:00:00Z', 'NASDAQ')).toBe('2024-01-06');
  });

  it('are refused when they are no edge of a session, but taken inside one where bars come with a request', () => {
    for (const text of [
      '2024-01-02T15:00:00Z',
      '2024-01-02T10:00:00',
      '2024-01-02T14:30:00.001Z',
      '2024-01-02T20:59:59Z',
    ]) {
      expect([label(text, 'NASDAQ'), label(text, 'NASDAQ', { inside: true })]).toEqual([
        'none',
        text.includes('10:00') ? 'none' : '2024-01-02',
      ]);
    }
    for (const text of ['2024-01-06T14:30:00Z', '2024-01-01T21:00:00Z', '2024-01-02T22:30:00', '2024-01-02T22:00:00Z'])
      expect(label(text, 'NASDAQ', { inside: true })).toBe('none');
    // 13:00 is a close only where the session closes early.
    expect([label('2024-07-02T13:00:00', 'NYSE'), label('2024-07-03T13:00:00', 'NYSE')]).toEqual([
      'none',
      '2024-07-03',
    ]);
    // Without an offset an edge is of the exchange's zone; what lies inside is UTC, as other bars of requests are.
    expect(label('2024-01-02T15:00:00', 'NASDAQ', { inside: true })).toBe('2024-01-02');
  });

  it('go by the zone that is named', () => {
    const berlin = { timezone: 'Europe/Berlin' };
    expect(label('2024-01-01T23:00:00Z', 'NASDAQ', berlin)).toBe('2024-01-02');
    expect(label('2024-01-02T05:00:00Z', 'NASDAQ', berlin)).toBe('none');
    expect([
      label('2024-01-02T15:30:00', 'NASDAQ', berlin),
      label('2024-01-02T22:00:00', 'NASDAQ', berlin),
      label('2024-01-02T16:00:00', 'NASDAQ', berlin),
    ]).toEqual(['2024-01-02', '2024-01-02', 'none']);
    expect(label('2024-01-02T21:00:00Z', 'NASDAQ', berlin)).toBe('2024-01-02');
  });

  it('of FX are the open where they are a close too, unless they mark the end', () => {
    for (const text of ['2024-01-03T22:00:00Z', '2024-01-03T17:00:00', '2024-01-03T17:00:00-05:00']) {
      expect([label(text, 'FX'), label(text, 'FX', { label: 'end' })]).toEqual(['2024-01-04', '2024-01-03']);
    }
    // Sunday only opens, Friday only closes; the day after a holiday opens on the holiday.
    expect([label('2024-01-07T17:00:00', 'FX', { label: 'end' }), label('2024-01-05T17:00:00', 'FX')]).toEqual([
      '2024-01-08',
      '2024-01-05',
    ]);
    expect([
      label('2024-12-24T17:00:00', 'FX'),
      label('2024-12-25T17:00:00', 'FX'),
      label('2024-12-25T17:00:00', 'FX', { label: 'end' }),
    ]).toEqual(['2024-12-24', '2024-12-26', '2024-12-26']);
    // Midnight comes before both, also where it is a close.
    expect(label('2024-01-03T00:00:00Z', 'BINANCE', { label: 'end' })).toBe('2024-01-03');
  });

  it('of LOCAL need no session', () => {
    expect([
      label('2024-01-06T09:30:00', 'LOCAL'),
      label('2024-01-06T21:00:00Z', 'LOCAL'),
      label('2024-01-06T12:00:00', 'LOCAL'),
    ]).toEqual(['2024-01-06', '2024-01-06', 'none']);
  });

  it('meet a wall time that the clocks skip or repeat', () => {
    const zone = { timezone: 'America/New_York' };
    expect([label('2024-03-10T02:30:00', 'BINANCE', zone), label('2024-11-03T01:30:00', 'BINANCE', zone)]).toEqual([
      'none',
      'none',
    ]);
    expect(label('2024-11-03T19:00:00', 'BINANCE', zone)).toBe('2024-11-04');
  });

  it('name what they missed', () => {
    const fault = (text: string, exchange: string, rules?: StampRules, interval: '1d' | '1w' = '1d'): string =>
      stampFault(at(text), calendarFor(exchange), interval, rules);
    expect(fault('2024-01-06T14:30:00Z', 'NASDAQ')).toBe(
      '2024-01-06T14:30:00Z is neither midnight nor the open or close of a session of NASDAQ; the nearest is ' +
        '2024-01-05, 2024-01-05T14:30:00Z to 2024-01-05T21:00:00Z',
    );
    expect(fault('2024-01-02T18:00:00-05:00', 'NASDAQ', { inside: true })).toContain(
      '2024-01-02T18:00:00-05:00 is neither a date nor in a session of NASDAQ; the nearest is 2024-01-02,',
    );
    expect(fault('2024-01-02T11:15:00+05:30', 'LSE')).toContain('2024-01-02T11:15:00+05:30 is');
    expect(fault('2024-01-17', 'NYSE', {}, '1w')).toBe(
      '2024-01-17 is within the week of 2024-01-16; a weekly bar is stamped with its Monday or first session, or ' +
        'with the close of its last',
    );
    expect(fault('2300-01-17T01:00', 'NYSE')).toBe(
      '2300-01-17T01:00:00 is neither midnight nor the open or close of a session of NYSE',
    );
  });
});

describe('stamps of weekly bars', () => {
  const week = (text: string, exchange: string, rules?: StampRules): string => label(text, exchange, rules, '1w');

  it('are the week of their session', () => {
    // Monday 2024-01-15 is a holiday in New York.
    for (const text of [
      '2024-01-15',
      '2024-01-15T00:00:00-05:00',
      '2024-01-15T05:00:00Z',
      '2024-01-16',
      '2024-01-16T14:30:00Z',
      '2024-01-16T09:30:00',
      '2024-01-19T21:00:00Z',
      '2024-01-19T16:00:00',
    ]) {
      expect(week(text, 'NASDAQ')).toBe('2024-01-16');
    }
    expect([
      week('2024-01-07T17:00:00', 'FX'),
      week('2024-01-12T17:00:00', 'FX'),
      week('2024-01-07T17:00:00', 'CME'),
    ]).toEqual(['2024-01-08', '2024-01-08', '2024-01-08']);
    expect([week('2024-01-08T00:00:00Z', 'BINANCE'), week('2024-11-29T13:00:00', 'NYSE')]).toEqual([
      '2024-01-08',
      '2024-11-25',
    ]);
  });

  it('are no other day of it', () => {
    for (const text of ['2024-01-17', '2024-01-19', '2024-01-21', '2024-01-17T14:30:00Z', '2024-01-18T21:00:00Z'])
      expect(week(text, 'NASDAQ', { inside: true })).toBe('none');
  });
});

describe('FX', () => {
  const fx = calendarFor('FX');

  it('M8 trades from Sunday 17:00 to Friday 17:00 New York, by the date of the close', () => {
    expect(fx.sessions('2024-01-01', '2024-01-08').map(({ date }) => date)).toEqual([
      '2024-01-02',
      '2024-01-03',
      '2024-01-04',
      '2024-01-05',
      '2024-01-08',
    ]);
    const iso = (instant: number): string => new Date(instant).toISOString();
    expect(fx.sessions('2024-03-08', '2024-03-12').map(({ open, close }) => [iso(open), iso(close)])).toEqual([
      ['2024-03-07T22:00:00.000Z', '2024-03-08T22:00:00.000Z'],
      ['2024-03-10T21:00:00.000Z', '2024-03-11T21:00:00.000Z'],
      ['2024-03-11T21:00:00.000Z', '2024-03-12T21:00:00.000Z'],
    ]);
    expect([
      fx.sessionAt(Date.parse('2024-01-07T22:00:00Z'))?.date,
      fx.sessionAt(Date.parse('2024-01-07T21:59:59Z')),
      fx.sessionAt(Date.parse('2024-01-05T22:00:00Z')),
    ]).toEqual(['2024-01-08', undefined, undefined]);
  });

  it('is closed on 1 January and 25 December and no other weekday', () => {
    for (const year of [2021, 2022, 2023, 2024, 2025, 2026]) {
      const dates = new Set(fx.sessions(`${year}-01-01`, `${year}-12-31`).map(({ date }) => date));
      for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += 86_400_000) {
        const date = new Date(day).toISOString().slice(0, 10);
        const weekday = new Date(day).getUTCDay();
        expect([date, dates.has(date)]).toEqual([
          date,
          weekday !== 0 && weekday !== 6 && !date.endsWith('-01-01') && !date.endsWith('-12-25'),
        ]);
      }
    }
    expect([fx.sessionsPerYear, fx.timezone, fx.sessionMinutes, fx.lenient]).toEqual([
      260,
      'America/New_York',
      1440,
      false,
    ]);
  });
});
