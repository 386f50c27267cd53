import { DomainError } from '#kernel';
import { actionTargets } from './action-cells.ts';
import { adjustedTwice, ambiguous, pointerOf, unknownHeader } from './column-refusals.ts';
import {
  checkTarget,
  type Mapping,
  MAPPING_TARGETS,
  type MappingTarget,
  type Prices,
  plainName,
  reservedColumn,
  REVISION,
  shortName,
  SYNONYMS,
} from './mapping-targets.ts';
import type { Preset } from './presets/preset.ts';
import type { SourceColumn } from './records/source-record.ts';

/** A file's columns as far as binding asks. */
export interface FileColumns {
  readonly columns: readonly SourceColumn[];
  /** False where no line names the columns. */
  readonly headed: boolean;
  /** Rows are JSON arrays, which name nothing. */
  readonly arrays: boolean;
  /** Whether every value of a column that the sample has is a moment. */
  readonly isMoment: (column: number) => boolean;
}

export interface BoundColumns {
  /** Position of each target in a record, -1 where the file does not have it. */
  readonly position: Readonly<Record<MappingTarget, number>>;
  readonly constants: Readonly<Partial<Record<MappingTarget, string>>>;
  /** Headers that fill nothing. */
  readonly ignored: readonly string[];
  /** Headers that the mapping leaves out and the file does not have. */
  readonly unknown: readonly string[];
  readonly headers: readonly string[];
  readonly headed: boolean;
  /** Null: nobody says, so splits and dividends stay where they are. */
  readonly prices: Prices | null;
  /** Columns of splits and dividends that these prices are adjusted for already, or may be. */
  readonly adjusted: readonly string[];
}

/** What everybody means by an array of numbers (ccxt, the klines of exchanges). */
const USUAL_ORDER = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Names that pandas gives an index that has none; an integer one numbers the rows and means nothing. */
const INDEX_NAMES: ReadonlySet<string> = new Set(['', 'index', 'unnamed:0']);

/**
 * Which column fills which target: the explicit mapping, then the preset, then the usual names; last a nameless index
 * of moments is the timestamp. `adj close` fills nothing; a header `time` beside a date is the time of day. Throws 422
 * `unknown_header` for a mapped header that the file does not have; `ambiguous_mapping` when two headers would fill one
 * target and none is explicit, or two explicit ones do; `reserved_column` for a header `revision` or with a leading
 * underscore that is not mapped away.
 */
export function bindColumns(file: FileColumns, mapping: Mapping, preset: Preset | null = null): BoundColumns {
  const { columns } = file;
  const explicit = explicitTargets(file, mapping);
  const position = Object.fromEntries(MAPPING_TARGETS.map((target) => [target, -1])) as Record<MappingTarget, number>;
  const place = (target: MappingTarget, i: number): void => {
    if (position[target] >= 0)
      throw ambiguous(target, shortName(columns[position[target]]!.name), shortName(columns[i]!.name));
    position[target] = i;
  };
  for (const [i, target] of explicit.targets) if (target !== null) place(target, i);
  const chosen = new Set<string>(MAPPING_TARGETS.filter((target) => position[target] >= 0));
  const constants: Partial<Record<MappingTarget, string>> = {};
  for (const [name, value] of Object.entries(mapping.constants)) {
    if (name === 'exchange') continue;
    checkTarget(name, `/mapping/constants/${name}`);
    if (chosen.has(name))
      throw new DomainError(422, 'ambiguous_mapping', {
        detail: `The column ${name} is both mapped and constant.`,
        errors: [
          {
            pointer: `/mapping/constants/${name}`,
            code: 'ambiguous_mapping',
            message: 'is filled by a column, too; leave one of them out',
          },
        ],
      });
    constants[name] = value;
    chosen.add(name);
  }
  const usual = usualTargets(file, explicit.targets, chosen, preset);
  for (const [i, target] of usual) if (!chosen.has(target)) place(target, i);
  if (file.headed && position.timestamp < 0 && !chosen.has('timestamp')) {
    const index = columns.findIndex((column, i) => isIndex(column) && !explicit.targets.has(i) && file.isMoment(i));
    if (index >= 0) position.timestamp = index;
  }
  const prices = mapping.prices ?? preset?.prices(new Set(columns.map(({ name }) => plainName(name)))) ?? null;
  const adjusted: string[] = [];
  for (const target of ['split', 'dividend'] as const) {
    if (position[target] < 0 || actionTargets(prices).has(target)) continue;
    const { name } = columns[position[target]]!;
    if (explicit.targets.get(position[target]) === target) throw adjustedTwice(shortName(name), target, prices);
    adjusted.push(name);
    position[target] = -1;
  }
  const used = new Set(Object.values(position));
  return {
    position,
    constants,
    ignored: columns.flatMap(({ name }, i) => (used.has(i) ? [] : [name])),
    unknown: explicit.leftOut,
    headers: columns.map(({ name }) => name),
    headed: file.headed,
    prices,
    adjusted,
  };
}

/** Whether the file's rows may become corporate actions. */
export function hasActions({ position }: BoundColumns): boolean {
  return position.split >= 0 || position.dividend >= 0;
}

/** What the mapping says of the file's columns, by position. Throws 422 `unknown_header`. */
function explicitTargets(
  { columns, headed }: FileColumns,
  mapping: Mapping,
): { targets: Map<number, MappingTarget | null>; leftOut: string[] } {
  const targets = new Map<number, MappingTarget | null>();
  const leftOut: string[] = [];
  for (const [header, target] of Object.entries(mapping.columns)) {
    if (target !== null) checkTarget(target, pointerOf(header));
    const exact = columns.findIndex(({ name, written }) => name === header || written === header);
    const found =
      exact >= 0 ? [exact] : columns.flatMap(({ name }, i) => (plainName(name) === plainName(header) ? [i] : []));
    for (const i of found) {
      const other = targets.get(i);
      if (other !== undefined && other !== null && target !== null && other !== target)
        throw ambiguous(target, shortName(columns[i]!.name), header);
      targets.set(i, target);
    }
    if (found.length > 0 || columns.length === 0) continue;
    if (target === null) leftOut.push(header);
    else
      throw unknownHeader(
        header,
        target,
        columns.map(({ name }) => name),
        headed,
      );
  }
  return { targets, leftOut };
}

/** What preset and usual names say of the columns that the mapping does not name. */
function usualTargets(
  { columns, headed, arrays, isMoment }: FileColumns,
  explicit: ReadonlyMap<number, MappingTarget | null>,
  chosen: ReadonlySet<string>,
  preset: Preset | null,
): [number, MappingTarget][] {
  const usual: [number, MappingTarget][] = [];
  const inOrder = arrays && !headed && columns.length >= USUAL_ORDER.length && isMoment(0) ? USUAL_ORDER : undefined;
  const positions = preset?.positions ?? inOrder;
  columns.forEach((column, i) => {
    if (explicit.has(i)) return;
    // A second `Close` is called Close_2 and still claims to be the close.
    const plain = plainName(column.repeats ? column.written : column.name);
    // Only an explicit mapping makes it plain that the caller does not mean to set what the writer sets
    // (data.md 14, V3).
    if (!column.index && (column.name.startsWith('_') || plain === REVISION)) throw reservedColumn(column.name);
    if (headed && column.index && isIndex(column)) return;
    const target =
      !headed && positions
        ? (positions[i] ?? undefined)
        : preset && Object.hasOwn(preset.columns, plain)
          ? (preset.columns[plain] ?? undefined)
          : Object.hasOwn(SYNONYMS, plain)
            ? SYNONYMS[plain]
            : undefined;
    if (target !== undefined) usual.push([i, target]);
  });
  return withTimeOfDay(usual, columns, chosen);
}

/** A header `time` beside a column of dates is the time of day (data.md 14, I2). */
function withTimeOfDay(
  usual: [number, MappingTarget][],
  columns: readonly SourceColumn[],
  chosen: ReadonlySet<string>,
): [number, MappingTarget][] {
  const dates = usual.filter(([i, target]) => target === 'timestamp' && plainName(columns[i]!.name) !== 'time');
  const dated = chosen.has('timestamp') || dates.some(([i]) => plainName(columns[i]!.name) === 'date');
  return usual.map(([i, target]) =>
    target === 'timestamp' && dated && plainName(columns[i]!.name) === 'time' ? [i, 'time'] : [i, target],
  );
}

function isIndex({ name, written, index }: SourceColumn): boolean {
  return (index && (written.trim() === '' || name.startsWith('__index_level_'))) || INDEX_NAMES.has(plainName(written));
}
