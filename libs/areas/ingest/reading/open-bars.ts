import type { DuckDBConnection } from '@duckdb/node-api';
import { DomainError, SymbolError } from '#kernel';
import { isZone } from '#quant/calendars';
import { bindColumns, type BoundColumns } from './bar-columns.ts';
import { listed } from './column-refusals.ts';
import type { BarRuleOptions } from './bar-rule-options.ts';
import { stemOf } from './file-names.ts';
import { BarRules } from './bar-rules.ts';
import { type Mapping, type MappingTarget, REQUIRED_TARGETS, shortName } from './mapping-targets.ts';
import { type Preset, presetOf, type PresetName } from './presets/index.ts';
import { type FileToRead, openRecords } from './records/open-records.ts';
import type { RecordSource, SourceRecord } from './records/source-record.ts';
import { SymbolTexts } from './symbol-texts.ts';
import { badDateFormat } from './values/date-format.ts';
import { parseWritten } from './values/parse-timestamp.ts';

/** A file and how its rows are to be read; crosses into a thread. */
export interface FileOfBars {
  readonly file: FileToRead;
  /** As uploaded; null when nobody said. */
  readonly filename: string | null;
  readonly preset: PresetName | null;
  readonly mapping: Mapping;
  readonly rules: BarRuleOptions;
}

/** An opened file whose columns are bound and whose rules are ready; its rows are still to come. */
export interface OpenedBars {
  readonly source: RecordSource;
  readonly preset: Preset | null;
  readonly columns: BoundColumns;
  readonly rules: BarRules;
  /** The rows that were looked at to bind columns. */
  readonly sample: readonly SourceRecord[];
  batches(): AsyncIterable<readonly SourceRecord[]>;
}

/**
 * Opens a file and binds its columns. Throws what `openRecords` and `bindColumns` throw; the caller closes `source`.
 */
export async function openBars(connection: DuckDBConnection, task: FileOfBars): Promise<OpenedBars> {
  const source = await openRecords(task.file, async () => connection);
  try {
    const rest = source.batches()[Symbol.asyncIterator]();
    const first = await rest.next();
    const sample = first.done ? [] : first.value;
    const preset = task.preset === null ? null : presetOf(task.preset);
    const isMoment = (column: number): boolean =>
      allMoments(
        source.columns[column]!.type,
        sample.map(({ values }) => values[column] ?? null),
      );
    const columns = bindColumns(
      {
        columns: source.columns,
        headed: source.facts.header !== 'missing',
        arrays: source.facts.header !== null && source.facts.delimiter === null,
        isMoment,
      },
      task.mapping,
      preset,
    );
    const { symbol: stated, timezone: zone } = source.facts;
    const rules = new BarRules(
      columns,
      { ...task.rules, timezone: task.rules.timezone ?? (zone !== null && isZone(zone) ? zone : null) },
      preset ?? {},
      { stated, filename: task.filename },
    );
    return {
      source,
      preset,
      columns,
      rules,
      sample,
      async *batches() {
        if (sample.length > 0) yield sample;
        for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
      },
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/**
 * 422 `missing_column` when a target that every bar needs has neither a column nor anything else; null when all have,
 * or the file is empty.
 */
export function missingColumn(
  { source, columns, sample, preset }: OpenedBars,
  { filename, rules }: FileOfBars,
): DomainError | null {
  if (columns.headers.length === 0) return null;
  const missing: MappingTarget[] = REQUIRED_TARGETS.filter(
    (target) => columns.position[target] < 0 && columns.constants[target] === undefined,
  );
  const named =
    source.facts.symbol !== null ||
    sample.some(({ member }) => member !== undefined) ||
    (filename !== null && namesSymbol(filename, rules, preset));
  const fromName = (name: string | undefined): boolean =>
    name !== undefined && preset?.fromName?.(stemOf(name))?.interval !== undefined;
  const timed = fromName(filename ?? undefined) || sample.some(({ member }) => fromName(member));
  const targets = missing.filter((target) => (target === 'vt_symbol' ? !named : target !== 'interval' || !timed));
  if (targets.length === 0) return null;
  const tries = targets.map((target) => `${target}: ${whatToTry(target, filename)}`);
  const hint = columns.headed
    ? targets.every(isSaid)
      ? ''
      : ' Is the first line a header?'
    : ' The first line is no header, so the columns are named column_1, column_2 and so on; map them in ' +
      'mapping.columns, or name a preset.';
  return new DomainError(422, 'missing_column', {
    detail: `No column for ${targets.join(', ')}; the file has: ${listed(columns.headers)}.${hint}`,
    hint: tries.join('; '),
    errors: targets.map((target) => ({
      pointer: isSaid(target) ? `/mapping/constants/${target}` : '/mapping/columns',
      code: 'missing_column',
      message:
        `must say what fills ` + `${target}: ${whatToTry(target, filename)}; the file has: ${listed(columns.headers)}`,
    })),
  });
}

/**
 * What every row looked at so far shows about the options: a date format that fits none, intraday bars without a time
 * of day. Null while one row is right.
 */
export function wrongOptions(
  { columns, rules }: OpenedBars,
  options: BarRuleOptions,
  rows: readonly SourceRecord[],
): DomainError | null {
  const at = columns.position.timestamp;
  if (at < 0 || rows.length === 0) return null;
  if (rules.datesOnly === true) {
    return new DomainError(422, 'missing_column', {
      detail:
        `Bars of an intraday interval need a time of day, and ` +
        `${shortName(columns.headers[at]!)} has dates only, such as ` +
        `${JSON.stringify(firstText(rows, at))}. The file has: ${listed(columns.headers)}.`,
      hint: 'Map the column of the time of day to `time` in mapping.columns, or say a daily interval.',
      errors: [
        {
          pointer: '/mapping/columns',
          code: 'missing_column',
          message: `must map a column of the file to time; it has: ${listed(columns.headers)}`,
        },
      ],
    });
  }
  if (options.dateFormat !== null && rules.momentsRead === 0 && rules.momentsFailed > 0) {
    return badDateFormat(
      options.dateFormat,
      `fits none of the first ` +
        `${rules.momentsFailed} values of ` +
        `${shortName(columns.headers[at]!)}, such as ${JSON.stringify(firstText(rows, at))}.`,
    );
  }
  return null;
}

/** Most files leave it to the request. */
function isSaid(target: MappingTarget): boolean {
  return target === 'interval' || target === 'vt_symbol';
}

function firstText(rows: readonly SourceRecord[], at: number): string {
  return (rows.find(({ values }) => (values[at] ?? '') !== '')?.values[at] ?? '').slice(0, 64);
}

function namesSymbol(filename: string, rules: BarRuleOptions, preset: Preset | null): boolean {
  const texts = new SymbolTexts({
    exchanges: rules.exchanges,
    exchange: rules.exchange ?? preset?.exchange ?? null,
    suffixes: { ...preset?.suffixes, ...rules.suffixes },
    fromName: preset?.fromName,
  });
  try {
    texts.ofFileName(filename);
    return true;
  } catch (error) {
    if (error instanceof SymbolError) return false;
    throw error;
  }
}

function whatToTry(target: MappingTarget, filename: string | null): string {
  if (target === 'interval') return 'give mapping.constants.interval, such as 1d';
  if (target !== 'vt_symbol') return `map one of the file's columns to ${target}`;
  return (
    `give mapping.constants.vt_symbol, such as AAPL.NASDAQ, map a column, or name the file after the symbol ` +
    `(${filename === null ? 'it came without a name' : `${JSON.stringify(filename)} names none`})`
  );
}

/** A column of moments, as far as the sample goes. Small integers number rows. */
function allMoments(type: string, values: readonly (string | null)[]): boolean {
  if (type === 'date' || type === 'timestamp') return true;
  const known = values.filter((value) => value !== null && value !== '');
  return known.length > 0 && known.every((value) => parseWritten(value!, null) !== null);
}
