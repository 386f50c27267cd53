import type { Interval } from '#quant/bars';
import type { FileAction } from './file-actions.ts';
import type { MappingTarget } from './mapping-targets.ts';

/** Codes that send a row to quarantine, in the order in which a row lists them (data.md 7.4, 14 V1). */
export const REJECTIONS = [
  'bad_record',
  'missing_required',
  'bad_number',
  'not_finite',
  'price_not_positive',
  'high_low_inverted',
  'high_too_low',
  'low_too_high',
  'volume_negative',
  'ts_unparseable',
  'ts_future',
  'ts_before_epoch',
  'ts_misaligned',
  'tz_nonexistent',
  'tz_ambiguous',
  'off_session',
  'bad_symbol',
  'unknown_exchange',
  'unknown_symbol',
  'bad_interval',
] as const;
export type Rejection = (typeof REJECTIONS)[number];
export type BarWarning = 'zero_volume' | 'off_session';

export interface CheckedBar {
  vtSymbol: string;
  interval: Interval;
  /** Microseconds UTC. */
  timestamp: number;
  sessionDay: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  vwap: number;
  tradeCount: number;
  currency: string | null;
  warnings: BarWarning[];
  /** Splits and dividends that the row states. */
  actions: readonly FileAction[];
}

/** One thing that is wrong with a row: its code, where it stands, and what is said there. */
export interface Refusal {
  readonly code: Rejection;
  /** Header of the file, or the target where no column fills it; null where the whole row is meant. */
  readonly column: string | null;
  /** As written; null where nothing is. */
  readonly value: string | null;
  /** What would do, where the code does not say it. */
  readonly why?: string;
}

/** What has been found wrong or odd about a row so far. */
export interface Verdict {
  refuse(code: Rejection, target: MappingTarget, value?: string, why?: string): void;
  warnings: BarWarning[];
}
