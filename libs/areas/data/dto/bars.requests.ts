import { BooleanField, EnumField, InstantField, IntegerField, TextField, UuidField } from '#platform/http';

export const INTERVALS = ['1s', '5s', '10s', '1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w', '1mo'] as const;
export const NORMALIZATIONS = ['raw', 'split_adjusted', 'adjusted', 'total_return'] as const;
export const BAR_FORMATS = ['json', 'ndjson', 'csv', 'arrow', 'parquet'] as const;

const TIME = 'A plain date (session date, inclusive) or an RFC 3339 instant (start inclusive, end exclusive).';

/** At most one of these names the state of the table that is read. */
export class TimeTravelQuery {
  @TextField({ optional: true, pattern: /^\d{1,19}$/, example: undefined, description: 'Snapshot id.' })
  snapshot?: string;
  @IntegerField({ optional: true, min: 1, max: 2_147_483_647, example: undefined, description: 'Dataset version.' })
  version?: number;
  @TextField({ optional: true, max: 120, example: undefined, description: 'Tag of a snapshot.' }) tag?: string;
  @InstantField({
    optional: true,
    example: undefined,
    description: 'The latest snapshot that was current at this instant.',
  })
  as_of?: string;
  @UuidField({ optional: true, example: undefined, description: 'Pin.' }) pin_id?: string;
}

export class BarsQuery extends TimeTravelQuery {
  @TextField({ optional: true, max: 40, example: '2020-01-01', description: TIME }) start?: string;
  @TextField({ optional: true, max: 40, example: '2020-03-31', description: TIME }) end?: string;
  @EnumField(INTERVALS, { optional: true, example: '1d' }) interval: (typeof INTERVALS)[number] = '1d';
  @EnumField(NORMALIZATIONS, { optional: true, example: 'adjusted' }) normalization: (typeof NORMALIZATIONS)[number] =
    'adjusted';
  @EnumField(INTERVALS, {
    optional: true,
    example: undefined,
    description: 'Coarser interval to make of the stored bars.',
  })
  resample?: (typeof INTERVALS)[number];
  @EnumField(['session', 'clock'], { optional: true, example: 'session' }) anchor: 'session' | 'clock' = 'session';
  @EnumField(['regular', 'extended', 'all'], {
    optional: true,
    example: 'regular',
    description:
      'Which intraday bars; how many others there are is the warning off_session, outside JSON the header ' +
      'X-Off-Session-Bars.',
  })
  session: 'regular' | 'extended' | 'all' = 'regular';
  @EnumField(['forward', 'null', 'zero'], { optional: true, example: undefined }) fill?: 'forward' | 'null' | 'zero';
  @IntegerField({ optional: true, min: 1, max: 10_000, example: 5 }) max_fill = 5;
  @InstantField({
    optional: true,
    example: undefined,
    description: 'Ignore revisions and corporate actions that became known later.',
  })
  as_known_at?: string;
  @IntegerField({ optional: true, min: 1, max: 50_000, example: 5_000, description: 'At most 10,000 as JSON.' }) limit =
    5_000;
  @TextField({ optional: true, max: 2_000, example: undefined }) cursor?: string;
  @EnumField(BAR_FORMATS, { optional: true, example: 'json', description: 'Overrides Accept.' })
  format?: (typeof BAR_FORMATS)[number];
  @BooleanField({
    optional: true,
    example: false,
    description: 'NDJSON ends with a line {"_end":true,"rows":N}. Of no effect on other formats.',
  })
  trailer = false;
}

export class BarStatsQuery extends TimeTravelQuery {
  @TextField({ optional: true, max: 40, example: '2020-01-01', description: TIME }) start?: string;
  @TextField({ optional: true, max: 40, example: '2020-03-31', description: TIME }) end?: string;
  @EnumField(INTERVALS, { optional: true, example: '1d' }) interval: (typeof INTERVALS)[number] = '1d';
}

export class SessionsQuery {
  @TextField({
    optional: true,
    max: 10,
    pattern: /^\d{4}-\d{2}-\d{2}$/,
    example: '2024-01-01',
    description: 'Default: the first day of this year.',
  })
  start?: string;
  @TextField({
    optional: true,
    max: 10,
    pattern: /^\d{4}-\d{2}-\d{2}$/,
    example: '2024-12-31',
    description: 'Default: the last day of that year. At most 20 years after start.',
  })
  end?: string;
}
