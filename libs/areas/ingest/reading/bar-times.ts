import { INTERVAL_MS, type Interval } from '#quant/bars';
import { type Calendar, offsetAt, weekLabel } from '#quant/calendars';
import type { BarRuleOptions, Verdict } from './bar-rules.ts';
import { compileDateFormat } from './values/date-format.ts';
import { parseWritten, toInstant, type WrittenTime } from './values/parse-timestamp.ts';

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
  readonly #parseTime: (text: string) => WrittenTime | null;
  readonly #times = new Map<string, WrittenTime | null>();
  readonly #labels = new Map<string, number>();

  constructor(options: BarRuleOptions) {
    this.#options = options;
    this.#parseTime = options.dateFormat === null ? (text) => parseWritten(text, options.epochUnit) : compileDateFormat(options.dateFormat);
  }

  /** Undefined when there is no label; the verdict says why, unless the symbol is what is missing. */
  resolve(text: string, fold: string | null, interval: Interval | undefined, calendar: Calendar | undefined, verdict: Verdict): BarTime | undefined {
    const written = this.#written(text);
    if (!written) {
      verdict.codes.add('ts_unparseable');
      return undefined;
    }
    return interval === '1d' || interval === '1w' ? this.#label(written, interval, calendar, verdict) : this.#moment(written, fold, interval, calendar, verdict);
  }

  /** Files repeat their dates once per symbol. */
  #written(text: string): WrittenTime | null {
    let written = this.#times.get(text);
    if (written === undefined) {
      written = this.#parseTime(text);
      if (this.#times.size >= REMEMBERED_TIMES) this.#times.clear();
      this.#times.set(text, written);
    }
    return written;
  }

  /** Daily and weekly bars: the date as it is written, whatever its offset (V5). */
  #label(written: WrittenTime, interval: '1d' | '1w', calendar: Calendar | undefined, verdict: Verdict): BarTime | undefined {
    const midnight = written.wall % DAY_US === 0;
    if (!midnight) verdict.codes.add('ts_misaligned');
    let timestamp = Math.floor(written.wall / DAY_US) * DAY_US;
    if (timestamp < FIRST_INSTANT) verdict.codes.add('ts_before_epoch');
    else if (calendar) {
      if (interval === '1w') {
        const label = weekLabel(calendar, timestamp / 1_000);
        if (Number.isNaN(label)) verdict.codes.add('ts_misaligned');
        else timestamp = label * 1_000;
      }
      const nextSession = this.#nextSession(calendar);
      if (timestamp > nextSession) verdict.codes.add('ts_future');
      if (midnight && interval === '1d' && !calendar.sessionByLabel(timestamp / 1_000)) this.#offSession(calendar, verdict);
    }
    return { timestamp, sessionDay: timestamp / DAY_US };
  }

  #moment(written: WrittenTime, fold: string | null, interval: Interval | undefined, calendar: Calendar | undefined, verdict: Verdict): BarTime | undefined {
    const zone = this.#options.timezone ?? calendar?.timezone;
    if (zone === undefined) return undefined;
    const which = fold === '0' ? 0 : fold === '1' ? 1 : this.#options.fold;
    const timestamp = toInstant(written, zone, which);
    if (typeof timestamp === 'string') {
      verdict.codes.add(timestamp);
      return undefined;
    }
    if (timestamp < FIRST_INSTANT) verdict.codes.add('ts_before_epoch');
    if (timestamp > (this.#options.now + 300_000) * 1_000) verdict.codes.add('ts_future');
    if (!calendar) return undefined;
    const ms = timestamp / 1_000;
    const session = calendar.sessionAt(ms);
    const localDay = Math.floor((ms + offsetAt(calendar.timezone, ms)) / 86_400_000);
    const anchor = session ?? calendar.sessionByLabel(localDay * 86_400_000);
    const length = interval && INTERVAL_MS[interval];
    if (length !== undefined && (!Number.isInteger(ms) || (ms % length !== 0 && (!anchor || (ms - anchor.open) % length !== 0)))) verdict.codes.add('ts_misaligned');
    if (!session) this.#offSession(calendar, verdict);
    return { timestamp, sessionDay: session ? session.label / 86_400_000 : localDay };
  }

  #offSession(calendar: Calendar, verdict: Verdict): void {
    if (calendar.lenient || this.#options.session === 'ignore') return;
    if (this.#options.session === 'strict') verdict.codes.add('off_session');
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
