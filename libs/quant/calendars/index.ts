export { barOpen, firstOpenFrom, lastSessionBefore } from './bar-open.ts';
export { calendarFor } from './calendar-for.ts';
export type { Calendar, Session, YearHours } from './calendar.ts';
export { DAY_MS, dayTexts } from './civil-dates.ts';
export { RuleCalendar } from './rule-calendar.ts';
export { sessionLabel, stampFault, type StampRules, writtenText } from './stamps.ts';
export { mondayOf, weekLabel, weekOf } from './weeks.ts';
export { instantsOfLocal, isZone, offsetAt, zoneFault } from './zone-offsets.ts';
