import { dayOf, dayOfText, easterSunday, lastWeekday, nthWeekday, weekdayOf } from '../civil-dates.ts';
import type { CalendarRules } from './rule-set.ts';

const MONDAY = 1;
const EARLY_CLOSE = 12 * 60 + 30;
const SPECIAL_CLOSURES = ['2011-04-29', '2022-09-19', '2023-05-08'].map(dayOfText);
const EARLY_MAY = new Map([[2020, ['2020-05-08']]]);
const LATE_MAY = new Map([
  [2002, ['2002-06-03', '2002-06-04']],
  [2012, ['2012-06-04', '2012-06-05']],
  [2022, ['2022-06-02', '2022-06-03']],
]);

const isWeekend = (day: number): boolean => weekdayOf(day) === 0 || weekdayOf(day) === 6;

function holidays(year: number): Set<number> {
  const days = new Set<number>([
    easterSunday(year) - 2,
    easterSunday(year) + 1,
    ...(EARLY_MAY.get(year)?.map(dayOfText) ?? [nthWeekday(year, 5, MONDAY, 1)]),
    ...(LATE_MAY.get(year)?.map(dayOfText) ?? [lastWeekday(year, 5, MONDAY)]),
    lastWeekday(year, 8, MONDAY),
    ...SPECIAL_CLOSURES,
  ]);
  const fixed = [dayOf(year, 1, 1), dayOf(year, 12, 25), dayOf(year, 12, 26)];
  for (const day of fixed) if (!isWeekend(day)) days.add(day);
  for (const day of fixed) {
    if (!isWeekend(day)) continue;
    let free = day;
    while (isWeekend(free) || days.has(free)) free++;
    days.add(free);
  }
  return days;
}

function earlyCloses(year: number, isSession: (day: number) => boolean): Map<number, number> {
  const closes = new Map<number, number>();
  for (const eve of [dayOf(year, 12, 24), dayOf(year, 12, 31)]) {
    let day = eve;
    while (!isSession(day)) day--;
    closes.set(day, EARLY_CLOSE);
  }
  return closes;
}

/** London Stock Exchange 08:00-16:30. Source: data.md 14, C2. */
export const lse: CalendarRules = {
  name: 'lse',
  timezone: 'Europe/London',
  sessionsPerYear: 253,
  regular: { open: 8 * 60, close: 16 * 60 + 30 },
  extended: { open: 8 * 60, close: 16 * 60 + 30 },
  days: 'weekdays',
  holidays,
  earlyCloses,
};
