import { z } from 'zod';
import { DomainError, type FieldError, formatVtSymbol, parseVtSymbol, ValidationError } from '#kernel';
import type { Interval } from '#quant/bars';
import { zoneFault } from '#quant/calendars';
import type { SyntheticOptions } from '#quant/market-data';
import { checkConstants, checkParse, checkTable } from './contradictions.ts';
import {
  INTERVALS,
  LimitsSchema,
  MappingSchema,
  parseDefaults,
  ParseSchema,
  SourceSchema,
  TargetSchema,
  validationDefaults,
  ValidationSchema,
} from './ingest-options.ts';
import { checkTarget, type Mapping } from './reading/mapping-targets.ts';
import { PRESET_NAMES, presetOf, type PresetName } from './reading/presets/index.ts';
import { compileDateFormat } from './reading/values/date-format.ts';

/** Body of POST /ingest/runs before it is checked. */
export interface RawIngestRequest {
  readonly source: unknown;
  readonly target?: unknown;
  readonly preset?: string;
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
export type BarTable = 'bars_daily' | 'bars_intraday';

/** A checked request, as the run keeps it. */
export interface IngestRequest {
  readonly source: UploadSource | SyntheticSource;
  readonly target: { readonly namespace: string; readonly table: BarTable; readonly layer: 'silver' };
  readonly preset?: PresetName;
  readonly parse: ReturnType<typeof parseDefaults>;
  readonly mapping: Mapping;
  readonly timezone: string | null;
  readonly validation: ReturnType<typeof validationDefaults>;
  readonly dedupe: 'revision' | 'skip' | 'none';
  readonly maxRows: number | null;
  /** What the file states of splits and dividends may be recorded. */
  readonly recordActions?: boolean;
}

/** A checked request, and whether it says the table itself. */
export interface ReadRequest {
  readonly request: IngestRequest;
  /** False: neither table nor interval is said, so the file decides. */
  readonly tableKnown: boolean;
}

/**
 * Checks a request: what is wrong in itself is told before what is not built. Throws 422 `validation_failed`,
 * `layer_mismatch`, `reserved_column`, `unknown_column`, `bad_date_format`, `bad_interval`, `contradictory_options`,
 * `bad_symbol`, `unknown_exchange`, 404 `unknown_dataset`, 501 `not_implemented`.
 */
export function readIngestRequest(raw: RawIngestRequest): ReadRequest {
  const errors: FieldError[] = [];
  const part = <S extends z.ZodType>(schema: S, value: unknown, pointer: string): z.output<S> | undefined => {
    const result = schema.safeParse(value ?? {});
    if (result.success) return result.data;
    errors.push(
      ...result.error.issues.flatMap((issue) => {
        const at = (path: readonly PropertyKey[]): string =>
          `${pointer}${path.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;
        if (issue.code !== 'unrecognized_keys')
          return [{ pointer: at(issue.path), code: issue.code, message: issue.message }];
        const accepted = schema instanceof z.ZodObject ? `; accepted: ${Object.keys(schema.shape).join(', ')}` : '';
        return issue.keys.map((key) => ({
          pointer: at([...issue.path, key]),
          code: 'unknown_field',
          message: `is not known here${accepted}`,
        }));
      }),
    );
    return undefined;
  };
  const source = part(SourceSchema, raw.source, '/source');
  const target = part(TargetSchema, raw.target, '/target');
  const parse = part(ParseSchema, raw.parse, '/parse');
  const mapping = part(MappingSchema, raw.mapping, '/mapping');
  const validation = part(ValidationSchema, raw.validation, '/validation');
  const limits = part(LimitsSchema, raw.limits, '/limits');
  const preset = PRESET_NAMES.find((name) => name === raw.preset);
  if (raw.preset !== undefined && !preset)
    errors.push({ pointer: '/preset', code: 'enum', message: `must be one of: ${PRESET_NAMES.join(', ')}` });
  const badZone = raw.timezone === undefined ? null : zoneFault(raw.timezone);
  if (badZone !== null) errors.push({ pointer: '/timezone', code: 'bad_timezone', message: badZone });
  if (errors.length > 0 || !source || !target || !parse || !mapping || !validation || !limits)
    throw new ValidationError(errors);
  const vendor = preset === undefined ? null : presetOf(preset);
  checkParse(parse);
  const parsed = parseDefaults(parse, vendor?.parse ?? {});
  if (parsed.date_format !== undefined) compileDateFormat(parsed.date_format);
  const columns = mapping.columns ?? {};
  const constants = upperExchange(mapping.constants ?? {});
  for (const [header, name] of Object.entries(columns))
    if (name !== null) checkTarget(name, `/mapping/columns/${header.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  for (const name of Object.keys(constants)) if (name !== 'exchange') checkTarget(name, `/mapping/constants/${name}`);
  const checked = source.kind === 'synthetic' ? checkSynthetic(source as SyntheticSource) : source;
  const interval = source.kind === 'synthetic' ? (checked as SyntheticSource).interval : constants['interval'];
  const named = nameTarget(target, interval);
  checkConstants({ ...mapping, constants }, constants['exchange'] ?? vendor?.exchange ?? null, vendor?.suffixes ?? {});
  if (checked.kind !== 'upload' && checked.kind !== 'synthetic')
    throw notImplemented(`Sources of the kind ${checked.kind}`);
  if (raw.publish === 'staged') throw notImplemented('Staged publication');
  if (raw.window !== undefined) throw notImplemented('A window');
  const validated = validationDefaults(validation);
  if (validated.profile === 'none') throw notImplemented('A bar table without checks');
  const table = findTarget(named);
  checkTable(table.table, intervalsOf(table.table), interval);
  return {
    tableKnown: target.table !== undefined || interval !== undefined,
    request: {
      source: checked as UploadSource | SyntheticSource,
      target: table,
      ...(preset === undefined ? {} : { preset }),
      parse: parsed,
      timezone: raw.timezone ?? null,
      validation: validated,
      dedupe: raw.dedupe ?? 'revision',
      maxRows: limits.max_rows ?? null,
      mapping: {
        columns,
        constants,
        ...(mapping.suffixes === undefined ? {} : { suffixes: upperValues(mapping.suffixes) }),
        ...(mapping.prices === undefined ? {} : { prices: mapping.prices }),
      },
    },
  };
}

/** Paths of a synthetic source, one per symbol. */
export function syntheticPaths({ kind: _, vt_symbols, ...options }: SyntheticSource): SyntheticOptions[] {
  return vt_symbols.map((vtSymbol) => ({ ...options, vtSymbol }));
}

/** Intervals that a bar table holds. */
export function intervalsOf(table: BarTable): Interval[] {
  return table === 'bars_daily' ? ['1d', '1w'] : INTERVALS.filter((interval) => interval !== '1d' && interval !== '1w');
}

/** The table that bars of an interval belong to. */
export function tableOf(interval: string | undefined): BarTable {
  return interval === undefined || interval === '1d' || interval === '1w' ? 'bars_daily' : 'bars_intraday';
}

function upperExchange(constants: Readonly<Record<string, string>>): Record<string, string> {
  const { exchange } = constants;
  return exchange === undefined ? { ...constants } : { ...constants, exchange: exchange.toUpperCase() };
}

function upperValues(suffixes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(suffixes).map(([suffix, exchange]) => [suffix, exchange.toUpperCase()]));
}

function checkSynthetic(source: SyntheticSource): SyntheticSource {
  if (source.start > source.end)
    throw new DomainError(422, 'bad_range', {
      detail: 'start is later than end.',
      errors: [{ pointer: '/source/start', code: 'bad_range', message: 'must not be later than end' }],
    });
  if (source.interval === '1w' || source.interval === 'tick')
    throw new ValidationError([
      { pointer: '/source/interval', code: 'bad_interval', message: 'must be 1d or an intraday interval' },
    ]);
  return {
    ...source,
    vt_symbols: [...new Set(source.vt_symbols.map((symbol) => formatVtSymbol(parseVtSymbol(symbol))))],
  };
}

type NamedTarget = z.infer<typeof TargetSchema> & { namespace: string; table: string };

function nameTarget(target: z.infer<typeof TargetSchema>, interval: string | undefined): NamedTarget {
  const { namespace = 'silver_market', table = tableOf(interval), layer = 'silver' } = target;
  if (namespace.slice(0, namespace.indexOf('_')) !== layer)
    throw new DomainError(422, 'layer_mismatch', {
      detail: `Tables of the namespace ${namespace} are not ${layer}.`,
      errors: [{ pointer: '/target/layer', code: 'layer_mismatch', message: `must be the layer of ${namespace}` }],
    });
  return { ...target, namespace, table };
}

function findTarget({ dataset_id, create, namespace, table }: NamedTarget): IngestRequest['target'] {
  if (dataset_id !== undefined) throw notImplemented('A target by dataset_id');
  if (namespace === 'silver_market' && (table === 'bars_daily' || table === 'bars_intraday'))
    return { namespace, table, layer: 'silver' };
  if (create) throw notImplemented('Creating other tables than those of bars');
  throw new DomainError(404, 'unknown_dataset', { detail: `There is no table ${namespace}.${table}.` });
}

function notImplemented(what: string): DomainError {
  return new DomainError(501, 'not_implemented', { detail: `${what}: not available yet.` });
}
