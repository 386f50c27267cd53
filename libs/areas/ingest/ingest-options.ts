import { z } from 'zod';
import { parseDate } from '#kernel';
import { INTERVAL_MS, type Interval } from '#quant/bars';
import { FORMATS } from './reading/formats.ts';
import { MAPPING_TARGETS, PRICES } from './reading/mapping-targets.ts';

export const INTERVALS = Object.keys(INTERVAL_MS) as [Interval, ...Interval[]];

const date = z.string().refine((text) => !Number.isNaN(parseDate(text)), 'must be a date YYYY-MM-DD');
const index = z.int().min(0).max(100_000_000);
const indexText = z.string().regex(/^\d{1,9}$/);

export const SourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('upload'), upload_id: z.uuid(), format: z.enum(FORMATS).optional() }),
  z.strictObject({
    kind: z.literal('synthetic'),
    model: z.enum(['gbm', 'ohlc_sine', 'regime']),
    seed: z.int().min(0).max(4_294_967_295),
    vt_symbols: z.array(z.string()).min(1).max(2_000),
    interval: z.enum(INTERVALS),
    start: date,
    end: date,
    p0: z.number().positive().max(1e9).optional(),
    mu: z.number().min(-10).max(10).optional(),
    sigma: z.number().min(0).max(10).optional(),
    origin: date.optional(),
    gaps: z.array(index).max(10_000).optional(),
    duplicates: z.array(index).max(10_000).optional(),
    spikes: z.record(indexText, z.number().positive().max(1e6)).optional(),
    splits: z.record(indexText, z.number().positive().max(1e6)).optional(),
  }),
  ...(['local', 'http', 's3', 'worker'] as const).map((kind) => z.looseObject({ kind: z.literal(kind) })),
]);

const lakeName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,62}$/,
    'must begin with a lower-case letter, followed by at most 62 lower-case letters, digits and underscores',
  );

export const TargetSchema = z.strictObject({
  dataset_id: z.uuid().optional(),
  namespace: lakeName.optional(),
  layer: z.enum(['bronze', 'silver', 'gold']).optional(),
  create: z.boolean().optional(),
  table: lakeName
    .optional()
    .describe('bars_daily for 1d and 1w, bars_intraday for other intervals; by default the one of the interval.'),
});

const oneCharacter = z.string().length(1);

export const ParseSchema = z.strictObject({
  delimiter: oneCharacter.optional().describe('Default: found out of comma, semicolon, tab and bar.'),
  quote: z.string().max(1).optional().describe('Default ". Empty: none.'),
  escape: oneCharacter.optional().describe('Default ".'),
  encoding: z.enum(['utf-8', 'utf-16', 'latin-1']).optional(),
  header: z
    .boolean()
    .optional()
    .describe(
      'Whether the first line names the columns; without, they are column_1, column_2 and so on. Default: found out.',
    ),
  skip_rows: z.int().min(0).max(10_000).optional().describe('Lines before the header. Default 0.'),
  null_tokens: z
    .array(z.string().max(64))
    .max(64)
    .optional()
    .describe('Cells that mean nothing. Default: empty, NA, N/A, null, NULL.'),
  decimal: z.enum(['.', ',']).optional().describe('Default a point; never found out.'),
  thousands: oneCharacter
    .optional()
    .describe('Separator of groups of three digits, other than decimal. Default: none.'),
  date_format: z
    .string()
    .min(2)
    .max(64)
    .optional()
    .describe(
      'How timestamps are written, in the dialect of strptime, such as %Y.%m.%d or %d/%m/%Y %H:%M. Default: ISO ' +
        '8601, YYYYMMDD and epoch numbers.',
    ),
  epoch_unit: z.enum(['s', 'ms', 'us', 'ns']).optional().describe('Unit of epoch numbers. Default: by their size.'),
  fold: z
    .literal([0, 1])
    .optional()
    .describe('Which of two local times is meant where clocks were set back: 0 the first, 1 the second.'),
  label: z
    .enum(['start', 'end'])
    .optional()
    .describe(
      'What the timestamp of an intraday bar is: its start, or its end, from which the interval is taken off. ' +
        'Default start.',
    ),
});

export const MappingSchema = z.strictObject({
  columns: z
    .record(z.string().max(256), z.string().nullable())
    .optional()
    .describe(
      `Header of the file -> what it fills, or null to leave it out. Targets: ` +
        `${MAPPING_TARGETS.join(', ')}. \`time\` is the time of day beside a date in \`timestamp\`; \`split\` (new ` +
        `shares per old) and \`dividend\` (cash per share) become corporate actions. Headers compare without case, ` +
        `blanks and underscores; what is not named goes by preset and usual names.`,
    ),
  constants: z
    .record(z.string(), z.string().max(256))
    .optional()
    .describe(
      'Target -> text for every row, such as `vt_symbol` and `interval`. `exchange`: of tickers that name none; ' +
        'then the whole text is the ticker, unless its last part is a suffix or a known exchange. Without symbol ' +
        'column and constant the name of the file is the symbol: `AAPL_NASDAQ.csv`, `AAPL.csv` (LOCAL).',
    ),
  suffixes: z
    .record(
      z.string().regex(/^[.:_-][A-Za-z0-9]{1,15}$/, 'must be a separator and letters, such as .L'),
      z.string().max(16),
    )
    .optional()
    .describe('Ending of a ticker -> exchange, such as {".L": "LSE"}.'),
  prices: z
    .enum(PRICES)
    .optional()
    .describe(
      'What the prices have been adjusted for. Splits and dividends that the file states become corporate actions ' +
        'where they have not: both of raw prices, dividends of split_adjusted ones; that needs data:write. Default: ' +
        'by the preset, else none does.',
    ),
});

const ratio = z.number().min(0).max(1).optional();

export const ValidationSchema = z.strictObject({
  profile: z.enum(['ohlcv', 'none']).optional().describe('Default ohlcv.'),
  max_reject_ratio: ratio.describe(
    'Share of refused rows above which the run fails with too_many_rejects and nothing is committed. Default 0.05.',
  ),
  max_replaced_ratio: ratio.describe(
    'Share of rows that a later row of the same file with the same symbol, interval and timestamp but other ' +
      'values replaces; above it the run fails with too_many_replaced and nothing is committed. Equal rows do not ' +
      'count. Default 0.05.',
  ),
  session: z
    .enum(['warn', 'strict', 'ignore'])
    .optional()
    .describe('Bars outside the sessions of the exchange: told, refused, or taken. Default warn.'),
  create_instruments: z.boolean().optional().describe('Default true; false refuses symbols that are not registered.'),
});

export const LimitsSchema = z.strictObject({ max_rows: z.int().min(1).optional() });

const DEFAULT_NULLS = ['', 'NA', 'N/A', 'null', 'NULL'];

type Given<S extends z.ZodType> = z.infer<S>;

/** How a file is parsed, with everything that nobody said filled in; explicit options come before those of a preset. */
export function parseDefaults(
  given: Given<typeof ParseSchema>,
  preset: { readonly date_format?: string; readonly label?: 'start' | 'end'; readonly null_tokens?: readonly string[] },
) {
  const format = given.date_format ?? (given.epoch_unit === undefined ? preset.date_format : undefined);
  return {
    ...given,
    quote: given.quote ?? '"',
    escape: given.escape ?? '"',
    skip_rows: given.skip_rows ?? 0,
    decimal: given.decimal ?? '.',
    label: given.label ?? preset.label ?? 'start',
    null_tokens: given.null_tokens ?? [...(preset.null_tokens ?? DEFAULT_NULLS)],
    ...(format === undefined ? {} : { date_format: format }),
  } as const;
}

export function validationDefaults(given: Given<typeof ValidationSchema>) {
  return {
    profile: given.profile ?? 'ohlcv',
    max_reject_ratio: given.max_reject_ratio ?? 0.05,
    max_replaced_ratio: given.max_replaced_ratio ?? 0.05,
    session: given.session ?? 'warn',
    create_instruments: given.create_instruments ?? true,
  } as const;
}
