import { dayOf, dayOfText, easterSunday, lastWeekday, nthWeekday, weekdayOf } from '../civil-dates.ts';
import type { CalendarRules } from './rule-set.ts';

const MONDAY = 1;
const THURSDAY = 4;
const FRIDAY = 5;
const SATURDAY = 6;
const SUNDAY = 0;
const EARLY_CLOSE = 13 * 60;

const SPECIAL_CLOSURES = [
  '2001-09-11',
  '2001-09-12',
  '2001-09-13',
  '2001-09-14',
  '2004-06-11',
  '2007-01-02',
  '2012-10-29',
  '2012-10-30',
  '2018-12-05',
  '2025-01-09',
].map(dayOfText);
const SPECIAL_EARLY_CLOSES = ['1999-12-31', '2003-12-26'].map(dayOfText);

/** Saturday is kept on Friday, Sunday on Monday. */
function nearestWeekday(day: number): number {
  const weekday = weekdayOf(day);
  return weekday === SATURDAY ? day - 1 : weekday === SUNDAY ? day + 1 : day;
}

function holidays(year: number): Set<number> {
  const newYear = dayOf(year, 1, 1);
  const days = new Set<number>([
    weekdayOf(newYear) === SUNDAY ? newYear + 1 : newYear,
    nthWeekday(year, 2, MONDAY, 3),
    easterSunday(year) - 2,
    lastWeekday(year, 5, MONDAY),
    nearestWeekday(dayOf(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1),
    nthWeekday(year, 11, THURSDAY, 4),
    nearestWeekday(dayOf(year, 12, 25)),
    ...SPECIAL_CLOSURES,
  ]);
  if (year >= 1998) days.add(nthWeekday(year, 1, MONDAY, 3));
  if (year >= 2022) days.add(nearestWeekday(dayOf(year, 6, 19)));
  return days;
}

function earlyCloses(year: number): Map<number, number> {
  const days = [nthWeekday(year, 11, THURSDAY, 4) + 1, dayOf(year, 12, 24), ...SPECIAL_EARLY_CLOSES];
  const third = dayOf(year, 7, 3);
  const weekday = weekdayOf(third);
  if (year >= 2013 || weekday === 1 || weekday === 2 || weekday === 4) days.push(third);
  if (year < 2013 && weekdayOf(third + 2) === FRIDAY) days.push(third + 2);
  return new Map(days.map((day) => [day, EARLY_CLOSE]));
}

/** US equities 09:30-16:00 New York. Source: data.md 14, C1. Late opens are not modelled. */
export const usEquity: CalendarRules = {
  name: 'us_equity',
  timezone: 'America/New_York',
  sessionsPerYear: 252,
  regular: { open: 9 * 60 + 30, close: 16 * 60 },
  extended: { open: 4 * 60, close: 20 * 60 },
  days: 'weekdays',
  holidays,
  earlyCloses,
};
