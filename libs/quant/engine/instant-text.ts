import { DAY_MS } from '../calendars/index.ts';

const TWO_DIGITS = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'));
/** Days from 0000-03-01 to 1970-01-01, and of 400 years, a century, four years and a year of the Gregorian calendar. */
const EPOCH = 719_468;
const ERA = 146_097;

/**
 * `YYYY-MM-DDT` of a day since 1970. Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days;
 * years 0 to 9999.
 */
function dateText(day: number): string {
  const shifted = day + EPOCH;
  const era = Math.floor(shifted / ERA);
  const dayOfEra = shifted - era * ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return (
    `${String(year).padStart(4, '0')}-${TWO_DIGITS[month]}-` +
    `${TWO_DIGITS[dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1]}T`
  );
}

/** RFC 3339 texts with milliseconds of instants that come in order: the date is written once a day. */
export class InstantText {
  #day = Number.NaN;
  #date = '';

  of(instant: number): string {
    const day = Math.floor(instant / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#date = dateText(day);
    }
    const ms = instant - day * DAY_MS;
    const seconds = Math.floor(ms / 1_000);
    const minutes = Math.floor(seconds / 60);
    const rest = ms - seconds * 1_000;
    const fraction = rest === 0 ? '.000Z' : `.${String(rest).padStart(3, '0')}Z`;
    return (
      `${this.#date}${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}:` +
      `${TWO_DIGITS[seconds % 60]}${fraction}`
    );
  }
}
