import type { Readable } from 'node:stream';
import { DomainError } from '#kernel';
import type { FileFormat } from '../formats.ts';
import { openArchive, type Member } from './archive.ts';
import { badInput, placeOf, type RecordSource, type SourceColumn, type SourceRecord } from './source-record.ts';

/** Share of rows with all their cells that makes lines a table. */
const MIN_WHOLE_ROWS = 0.5;
/** Share of the bytes that is the data, where it is not most of the members. */
const MOST_BYTES = 0.9;

/** Opens the bytes of a member by its format. */
export type OpenMember = (format: FileFormat, bytes: Readable) => Promise<RecordSource>;

interface Table {
  readonly member: Member;
  readonly columns: readonly SourceColumn[];
  readonly facts: RecordSource['facts'];
}

/**
 * Members of an archive in the order of their names, read as one file with one header. Members that are no table are
 * left out, and so are those with other columns than most have. Throws 422 `bad_input` when no columns are those of
 * more than half of the tables, or of nine tenths of the bytes.
 */
export async function openArchiveRecords(path: string, open: OpenMember): Promise<RecordSource> {
  const archive = await openArchive(path);
  try {
    const tables: Table[] = [];
    const others = [...archive.skipped];
    for (const member of archive.members) {
      const table = await describe(member, open);
      if (table) tables.push(table);
      else others.push(member.name);
    }
    const alike = mostAlike(tables);
    const [first] = alike.filter(({ facts }) => facts.header !== 'missing').concat(alike);
    const columns = first?.columns ?? [];
    const skipped = [
      ...others,
      ...tables.filter((table) => !alike.includes(table)).map(({ member }) => member.name),
    ].sort();
    const same = <K extends 'delimiter' | 'symbol' | 'timezone'>(name: K): RecordSource['facts'][K] | null =>
      alike.every(({ facts }) => facts[name] === first?.facts[name]) ? (first?.facts[name] ?? null) : null;
    return {
      columns,
      headers: columns.map(({ name }) => name),
      facts: {
        header: first?.facts.header ?? null,
        delimiter: same('delimiter'),
        symbol: same('symbol'),
        timezone: same('timezone'),
        members: { read: alike.map(({ member }) => member.name), skipped },
      },
      batches: () => memberBatches(alike, columns, open),
      close: async () => archive.close(),
    };
  } catch (error) {
    archive.close();
    throw error;
  }
}

/** Null for a text that is no table: one column, or lines of any length. */
async function describe(member: Member, open: OpenMember): Promise<Table | null> {
  const source = await openNamed(member, open);
  try {
    const { columns, facts } = source;
    if (columns.length < 2) return null;
    for await (const batch of named(member, source.batches())) {
      const whole = batch.filter(({ values }) => values.length === columns.length).length;
      return whole >= batch.length * MIN_WHOLE_ROWS ? { member, columns, facts } : null;
    }
    return { member, columns, facts };
  } finally {
    await source.close();
  }
}

async function* memberBatches(
  tables: readonly Table[],
  columns: readonly SourceColumn[],
  open: OpenMember,
): AsyncGenerator<readonly SourceRecord[]> {
  let before = 0;
  for (const { member, columns: own, facts } of tables) {
    const source = await openNamed(member, open);
    let last = 0;
    // Columns of one name stand where the first member has them; without names their position is all there is.
    const from = columns.map(({ name }, i) =>
      facts.header === 'missing' ? i : own.findIndex((column) => column.name === name),
    );
    const inOrder = from.every((at, i) => at === i);
    try {
      for await (const batch of named(member, source.batches())) {
        yield batch.map((record) => {
          last = record.line;
          return {
            line: record.line,
            position: before + record.line,
            member: member.name,
            raw: record.raw,
            values: inOrder ? record.values : from.map((at) => record.values[at] ?? null),
            ...(record.fault ? { fault: record.fault } : {}),
          };
        });
      }
    } finally {
      await source.close();
    }
    before += last;
  }
}

function mostAlike(tables: readonly Table[]): readonly Table[] {
  const groups: Table[][] = [];
  for (const table of tables) {
    const group = groups.find(([other]) => areAlike(other!, table));
    if (group) group.push(table);
    else groups.push([table]);
  }
  const bytes = (group: readonly Table[]): number => group.reduce((sum, { member }) => sum + member.size, 0);
  const [most = [], next] = groups.sort((a, b) => b.length - a.length || bytes(b) - bytes(a));
  if (next && most.length * 2 <= tables.length && bytes(most) < bytes(tables) * MOST_BYTES) {
    const shown = ({ member, columns }: Table): string =>
      `${member.name} (${columns
        .slice(0, 6)
        .map(({ name }) => name)
        .join(', ')}${columns.length > 6 ? ', …' : ''})`;
    throw badInput(
      `The tables of the archive have different columns: ${shown(most[0]!)}, ${shown(next[0]!)}.`,
      undefined,
      'Send members with the same columns together, the others apart.',
    );
  }
  return most;
}

/** Members with the same names in any order; one without a header has the columns of one with as many. */
function areAlike(a: Table, b: Table): boolean {
  if (a.columns.length !== b.columns.length) return false;
  if (a.facts.header === 'missing' || b.facts.header === 'missing') return true;
  const names = new Set(a.columns.map(({ name }) => name));
  return b.columns.every(({ name }) => names.has(name));
}

async function openNamed(member: Member, open: OpenMember): Promise<RecordSource> {
  const bytes = await member.open();
  try {
    return await open(member.format, bytes);
  } catch (error) {
    bytes.destroy();
    throw inMember(member, error);
  }
}

async function* named(
  member: Member,
  batches: AsyncIterable<readonly SourceRecord[]>,
): AsyncGenerator<readonly SourceRecord[]> {
  try {
    yield* batches;
  } catch (error) {
    throw inMember(member, error);
  }
}

/** Refusals say in which member the line is. */
function inMember({ name }: Member, error: unknown): unknown {
  if (!(error instanceof DomainError) || error.options.detail?.includes(name)) return error;
  const line = error.options.members?.['line'];
  const place = typeof line === 'number' ? placeOf({ line, member: name }) : name;
  return new DomainError(error.status, error.code, {
    ...error.options,
    detail: `${place}: ${error.message}`,
    members: { ...error.options.members, member: name },
  });
}
