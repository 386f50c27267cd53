import { INTERVAL_MS, type Interval } from '#quant/bars';
import { type Calendar, offsetAt, sessionLabel, stampFault } from '#quant/calendars';
import type { BarRuleOptions } from './bar-rule-options.ts';
import type { Verdict } from './checked-row.ts';
import { compileDateFormat, readsTime } from './values/date-format.ts';
import { parseWritten, toInstant, type WrittenTime } from './values/parse-timestamp.ts';
import { parseTimeOfDay } from './values/time-of-day.ts';

const DAY_US = 86_400e6;
const FIRST_INSTANT = Date.UTC(1900, 0, 1) * 1_000;
const REMEMBERED_TIMES = 20_000;

/** Label of a bar in microseconds UTC, and the day since 1970 of its session. */
export interface BarTime {
  readonly timestamp: number;
  readonly sessionDay: number;
}

/** Turns what a file says about time into labels of bars (data.md 7.4, 7.5, 14 V4, V5). */
export class BarTimes {
  readonly #options: BarRuleOptions;
  readonly #parseDate: (text: string) => WrittenTime | null;
  readonly #formatReadsTime: boolean;
  readonly #times = new Map<string, WrittenTime | null>();
  readonly #labels = new Map<string, number>();

  constructor(options: BarRuleOptions) {
    this.#options = options;
    this.#parseDate =
      options.dateFormat === null
        ? (text) => parseWritten(text, options.epochUnit)
        : compileDateFormat(options.dateFormat);
    this.#formatReadsTime = options.dateFormat !== null && readsTime(options.dateFormat);
  }

  /** A moment as written, its time of day perhaps in a column of its own; null when it is none. */
  written(timestamp: string, time: string | null): WrittenTime | null {
    // Files repeat their dates once per symbol.
    const key = time === null ? timestamp : `${timestamp} ${time}`;
    let written = this.#times.get(key);
    if (written === undefined) {
      written =
        time === null || this.#formatReadsTime ? this.#parseDate(key) : joined(this.#parseDate(timestamp), time);
      if (this.#times.size >= REMEMBERED_TIMES) this.#times.clear();
      this.#times.set(key, written);
    }
    return written;
  }

  /** Undefined when there is no label; the verdict says why, unless the symbol is what is missing. */
  resolve(
    written: WrittenTime,
    fold: string | null,
    interval: Interval | undefined,
    calendar: Calendar | undefined,
    verdict: Verdict,
  ): BarTime | undefined {
    return interval === '1d' || interval === '1w'
      ? this.#session(written, interval, calendar, verdict)
      : this.#moment(written, fold, interval, calendar, verdict);
  }

  /** Daily and weekly bars (data.md 14, V5). */
  #session(
    written: WrittenTime,
    interval: '1d' | '1w',
    calendar: Calendar | undefined,
    verdict: Verdict,
  ): BarTime | undefined {
    if (!calendar) return undefined;
    const stamp = { wall: written.wall / 1_000, offset: written.offset === null ? null : written.offset / 1_000 };
    const rules = { timezone: this.#options.timezone, label: this.#options.label };
    const label = sessionLabel(stamp, calendar, interval, rules);
    if (Number.isNaN(label)) {
      verdict.refuse('ts_misaligned', 'timestamp', undefined, stampFault(stamp, calendar, interval, rules));
      return undefined;
    }
    const timestamp = label * 1_000;
    if (timestamp < FIRST_INSTANT) verdict.refuse('ts_before_epoch', 'timestamp');
    if (timestamp > this.#nextSession(calendar)) verdict.refuse('ts_future', 'timestamp');
    if (interval === '1d' && !calendar.sessionByLabel(label)) this.#offSession(calendar, verdict);
    return { timestamp, sessionDay: timestamp / DAY_US };
  }

  #moment(
    written: WrittenTime,
    fold: string | null,
    interval: Interval | undefined,
    calendar: Calendar | undefined,
    verdict: Verdict,
  ): BarTime | undefined {
    if (interval !== undefined && written.dateOnly) {
      verdict.refuse(
        'ts_misaligned',
        'timestamp',
        undefined,
        `a bar of ${interval} needs a time of day; map its column to time`,
      );
      return undefined;
    }
    const zone = this.#options.timezone ?? calendar?.timezone;
    if (zone === undefined) return undefined;
    const which = fold === '0' ? 0 : fold === '1' ? 1 : this.#options.fold;
    const instant = toInstant(written, zone, which);
    if (typeof instant === 'string') {
      verdict.refuse(instant, 'timestamp');
      return undefined;
    }
    const length = interval && INTERVAL_MS[interval];
    const timestamp = this.#options.label === 'end' && length !== undefined ? instant - length * 1_000 : instant;
    if (timestamp < FIRST_INSTANT) verdict.refuse('ts_before_epoch', 'timestamp');
    if (timestamp > (this.#options.now + 300_000) * 1_000) verdict.refuse('ts_future', 'timestamp');
    if (!calendar) return undefined;
    const ms = timestamp / 1_000;
    const session = calendar.sessionAt(ms);
    const localDay = Math.floor((ms + offsetAt(calendar.timezone, ms)) / 86_400_000);
    const anchor = session ?? calendar.sessionByLabel(localDay * 86_400_000);
    if (
      length !== undefined &&
      (!Number.isInteger(ms) || (ms % length !== 0 && (!anchor || (ms - anchor.open) % length !== 0)))
    ) {
      verdict.refuse(
        'ts_misaligned',
        'timestamp',
        undefined,
        `bars of ${interval} begin on multiples of it, or of the session's open`,
      );
    }
    if (!session) this.#offSession(calendar, verdict);
    return { timestamp, sessionDay: session ? session.label / 86_400_000 : localDay };
  }

  #offSession(calendar: Calendar, verdict: Verdict): void {
    if (calendar.lenient || this.#options.session === 'ignore') return;
    if (this.#options.session === 'strict')
      verdict.refuse('off_session', 'timestamp', undefined, `outside the sessions of ${calendar.exchange}`);
    else verdict.warnings.push('off_session');
  }

  /** Label of the session that follows the present one, in microseconds. */
  #nextSession(calendar: Calendar): number {
    const known = this.#labels.get(calendar.exchange);
    if (known !== undefined) return known;
    const { now } = this.#options;
    const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
    const today = iso(now + offsetAt(calendar.timezone, now));
    const next = calendar.sessions(today, iso(now + 20 * 86_400_000)).find(({ date }) => date > today);
    const label = (next?.label ?? now) * 1_000;
    this.#labels.set(calendar.exchange, label);
    return label;
  }
}

/** A date and the time of day that stands beside it. */
function joined(date: WrittenTime | null, time: string): WrittenTime | null {
  const clock = parseTimeOfDay(time);
  if (!date || !clock || date.wall % DAY_US !== 0 || (date.offset !== null && clock.offset !== null)) return null;
  return {
    wall: date.wall + clock.micros,
    offset: clock.offset ?? (date.dateOnly ? date.offset : null),
    dateOnly: false,
  };
}
