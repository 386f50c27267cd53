import { z } from 'zod';
import { isZone } from '#quant/calendars';
import type { SourceColumn, SourceRecord } from './source-record.ts';

const PandasNote = z.object({
  columns: z
    .array(
      z.object({
        name: z.unknown(),
        field_name: z.string().nullish(),
        metadata: z.object({ timezone: z.string().optional() }).nullish().catch(null),
      }),
    )
    .catch([]),
  index_columns: z.array(z.unknown()).catch([]),
});

/**
 * Zones that pandas noted for its columns: Parquet keeps instants only. Empty where there is no note, or none that can
 * be read.
 */
export function notedZones(note: unknown): ReadonlyMap<string, string> {
  return new Map(
    parsed(note).columns.flatMap(({ field_name: name, metadata }) =>
      name && metadata?.timezone && isZone(metadata.timezone) ? [[name, metadata.timezone] as const] : [],
    ),
  );
}

/** Columns that pandas noted as index of the frame. */
export function indexNames(note: unknown): ReadonlySet<string> {
  return new Set(parsed(note).index_columns.filter((name) => typeof name === 'string'));
}

function parsed(note: unknown): z.infer<typeof PandasNote> {
  const read = PandasNote.safeParse(typeof note === 'string' ? jsonOf(note) : null);
  return read.data ?? { columns: [], index_columns: [] };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A row of a binary format; its text is made when somebody asks. */
export function columnarRecord(
  line: number,
  columns: readonly SourceColumn[],
  values: readonly (string | null)[],
): SourceRecord {
  return {
    line,
    position: line,
    values,
    get raw() {
      return JSON.stringify(Object.fromEntries(columns.map(({ name }, i) => [name, values[i] ?? null])));
    },
  };
}
