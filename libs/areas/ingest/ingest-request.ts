import { z } from 'zod';
import { DomainError, type FieldError, formatVtSymbol, parseDate, parseVtSymbol, ValidationError } from '#kernel';
import { INTERVAL_MS, type Interval } from '#quant/bars';
import { zoneFault } from '#quant/calendars';
import type { SyntheticOptions } from '#quant/market-data';
import { checkTarget, type Mapping } from './reading/bar-columns.ts';
import { FORMATS } from './reading/formats.ts';
import { compileDateFormat } from './reading/values/date-format.ts';

const INTERVALS = Object.keys(INTERVAL_MS) as [Interval, ...Interval[]];
const date = z.string().refine((text) => !Number.isNaN(parseDate(text)), 'must be a date YYYY-MM-DD');

const index = z.int().min(0).max(100_000_000);
const indexText = z.string().regex(/^\d{1,9}$/);

export const SourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('upload'), upload_id: z.uuid(), format: z.enum(FORMATS).optional() }),
  z.strictObject({
    kind: z.literal('synthetic'), model: z.enum(['gbm', 'ohlc_sine', 'regime']), seed: z.int().min(0).max(4_294_967_295), vt_symbols: z.array(z.string()).min(1).max(2_000),
    interval: z.enum(INTERVALS), start: date, end: date, p0: z.number().positive().max(1e9).optional(), mu: z.number().min(-10).max(10).optional(), sigma: z.number().min(0).max(10).optional(), origin: date.optional(),
    gaps: z.array(index).max(10_000).optional(), duplicates: z.array(index).max(10_000).optional(), spikes: z.record(indexText, z.number().positive().max(1e6)).optional(),
    splits: z.record(indexText, z.number().positive().max(1e6)).optional(),
  }),
  ...(['local', 'http', 's3', 'worker'] as const).map((kind) => z.looseObject({ kind: z.literal(kind) })),
]);

const lakeName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'must begin with a lower-case letter, followed by at most 62 lower-case letters, digits and underscores');

export const TargetSchema = z.strictObject({
  dataset_id: z.uuid().optional(), namespace: lakeName.optional(), table: lakeName.optional(), layer: z.enum(['bronze', 'silver', 'gold']).optional(), create: z.boolean().optional(),
});

const oneCharacter = z.string().length(1);

export const ParseSchema = z.strictObject({
  delimiter: oneCharacter.optional(), quote: z.string().max(1).default('"'), escape: oneCharacter.default('"'), encoding: z.enum(['utf-8', 'utf-16', 'latin-1']).optional(), header: z.boolean().default(true),
  skip_rows: z.int().min(0).max(10_000).default(0), null_tokens: z.array(z.string().max(64)).max(64).default(['', 'NA', 'N/A', 'null', 'NULL']), decimal: z.enum(['.', ',']).default('.'),
  thousands: oneCharacter.optional(), date_format: z.string().min(2).max(64).optional(), epoch_unit: z.enum(['s', 'ms', 'us', 'ns']).optional(), fold: z.literal([0, 1]).optional(),
});

export const MappingSchema = z.strictObject({
  columns: z.record(z.string().max(256), z.string().nullable()).default({}), constants: z.record(z.string(), z.string().max(256)).default({}),
});

export const ValidationSchema = z.strictObject({
  profile: z.enum(['ohlcv', 'none']).default('ohlcv'), max_reject_ratio: z.number().min(0).max(1).default(0.05), session: z.enum(['warn', 'strict', 'ignore']).default('warn'),
  create_instruments: z.boolean().default(true),
});

export const LimitsSchema = z.strictObject({ max_rows: z.int().min(1).optional() });

/** Body of POST /ingest/runs before it is checked. */
export interface RawIngestRequest {
  readonly source: unknown;
  readonly target?: unknown;
  readonly parse?: unknown;
  readonly mapping?: unknown;
  readonly timezone?: string;
  readonly validation?: unknown;
  readonly dedupe?: 'revision' | 'skip' | 'none';
  readonly publish?: 'direct' | 'staged';
  readonly window?: unknown;
  readonly limits?: unknown;
}

export type UploadSource = z.infer<typeof SourceSchema> & { kind: 'upload' };
export type SyntheticSource = z.infer<typeof SourceSchema> & { kind: 'synthetic' };

/** A checked request, as the run keeps it. */
export interface IngestRequest {
  readonly source: UploadSource | SyntheticSource;
  readonly target: { readonly namespace: string; readonly table: 'bars_daily' | 'bars_intraday'; readonly layer: 'silver' };
  readonly parse: z.infer<typeof ParseSchema>;
  readonly mapping: Mapping;
  readonly timezone: string | null;
  readonly validation: z.infer<typeof ValidationSchema>;
  readonly dedupe: 'revision' | 'skip' | 'none';
  readonly maxRows: number | null;
}

/** Checks a request: what is wrong in itself is told before what is not built. Throws 422 `validation_failed`, `layer_mismatch`, `reserved_column`, `unknown_column`, `bad_date_format`, 404 `unknown_dataset`, 501 `not_implemented`. */
export function readIngestRequest(raw: RawIngestRequest): IngestRequest {
  const errors: FieldError[] = [];
  const part = <S extends z.ZodType>(schema: S, value: unknown, pointer: string): z.output<S> | undefined => {
    const result = schema.safeParse(value ?? {});
    if (result.success) return result.data;
    errors.push(...result.error.issues.map((issue) => ({ pointer: `${pointer}${issue.path.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`, code: issue.code, message: issue.message })));
    return undefined;
  };
  const source = part(SourceSchema, raw.source, '/source');
  const target = part(TargetSchema, raw.target, '/target');
  const parse = part(ParseSchema, raw.parse, '/parse');
  const mapping = part(MappingSchema, raw.mapping, '/mapping');
  const validation = part(ValidationSchema, raw.validation, '/validation');
  const limits = part(LimitsSchema, raw.limits, '/limits');
  const badZone = raw.timezone === undefined ? null : zoneFault(raw.timezone);
  if (badZone !== null) errors.push({ pointer: '/timezone', code: 'bad_timezone', message: badZone });
  if (errors.length > 0 || !source || !target || !parse || !mapping || !validation || !limits) throw new ValidationError(errors);
  if (parse.date_format !== undefined) compileDateFormat(parse.date_format);
  for (const name of [...Object.values(mapping.columns), ...Object.keys(mapping.constants)]) if (name !== null) checkTarget(name);
  const checked = source.kind === 'synthetic' ? checkSynthetic(source as SyntheticSource) : source;
  const named = nameTarget(target, source.kind === 'synthetic' ? (checked as SyntheticSource).interval : mapping.constants['interval']);
  if (checked.kind !== 'upload' && checked.kind !== 'synthetic') throw notImplemented(`Sources of the kind ${checked.kind}`);
  if (raw.publish === 'staged') throw notImplemented('Staged publication');
  if (raw.window !== undefined) throw notImplemented('A window');
  if (validation.profile === 'none') throw notImplemented('A bar table without checks');
  return {
    source: checked as UploadSource | SyntheticSource, target: findTarget(named), parse, mapping, timezone: raw.timezone ?? null, validation, dedupe: raw.dedupe ?? 'revision', maxRows: limits.max_rows ?? null,
  };
}

/** Paths of a synthetic source, one per symbol. */
export function syntheticPaths({ kind: _, vt_symbols, ...options }: SyntheticSource): SyntheticOptions[] {
  return vt_symbols.map((vtSymbol) => ({ ...options, vtSymbol }));
}

/** Intervals that a bar table holds. */
export function intervalsOf(table: 'bars_daily' | 'bars_intraday'): Interval[] {
  return table === 'bars_daily' ? ['1d', '1w'] : INTERVALS.filter((interval) => interval !== '1d' && interval !== '1w');
}

function checkSynthetic(source: SyntheticSource): SyntheticSource {
  if (source.start > source.end) throw new DomainError(422, 'bad_range', { detail: 'start is later than end.', errors: [{ pointer: '/source/start', code: 'bad_range', message: 'must not be later than end' }] });
  if (source.interval === '1w' || source.interval === 'tick') throw new ValidationError([{ pointer: '/source/interval', code: 'bad_interval', message: 'must be 1d or an intraday interval' }]);
  return { ...source, vt_symbols: [...new Set(source.vt_symbols.map((symbol) => formatVtSymbol(parseVtSymbol(symbol))))] };
}

type NamedTarget = z.infer<typeof TargetSchema> & { namespace: string; table: string };

function nameTarget(target: z.infer<typeof TargetSchema>, interval: string | undefined): NamedTarget {
  const byInterval = interval === undefined || interval === '1d' || interval === '1w' ? 'bars_daily' : 'bars_intraday';
  const { namespace = 'silver_market', table = byInterval, layer = 'silver' } = target;
  if (namespace.slice(0, namespace.indexOf('_')) !== layer)
    throw new DomainError(422, 'layer_mismatch', { detail: `Tables of the namespace ${namespace} are not ${layer}.`, errors: [{ pointer: '/target/layer', code: 'layer_mismatch', message: `must be the layer of ${namespace}` }] });
  return { ...target, namespace, table };
}

function findTarget({ dataset_id, create, namespace, table }: NamedTarget): IngestRequest['target'] {
  if (dataset_id !== undefined) throw notImplemented('A target by dataset_id');
  if (namespace === 'silver_market' && (table === 'bars_daily' || table === 'bars_intraday')) return { namespace, table, layer: 'silver' };
  if (create) throw notImplemented('Creating other tables than those of bars');
  throw new DomainError(404, 'unknown_dataset', { detail: `There is no table ${namespace}.${table}.` });
}

function notImplemented(what: string): DomainError {
  return new DomainError(501, 'not_implemented', { detail: `${what}: not available yet.` });
}

