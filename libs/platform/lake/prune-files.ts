import type { DataFile } from './lake-table.ts';
import { bucketOf, partitionFieldName, type PartitionField, timePartition } from './partition-spec.ts';

export interface Pruning {
  /** Inclusive bounds of the time column in ms UTC. */
  readonly from?: number;
  readonly to?: number;
  /** Values of the bucketed column. */
  readonly values?: readonly string[];
  /** Texts that other columns must equal. */
  readonly equal?: readonly { readonly column: string; readonly value: string }[];
}

/** Files whose partition or bounds can hold such rows. */
export function pruneFiles(
  spec: readonly PartitionField[],
  files: readonly DataFile[],
  { from, to, values, equal = [] }: Pruning,
): readonly DataFile[] {
  const tests = spec.map((field): ((file: DataFile) => boolean) => {
    const name = partitionFieldName(field);
    if (field.transform === 'bucket') {
      if (!values) return () => true;
      const wanted = new Set(values.map((value) => bucketOf(value, field.buckets)));
      return (file) =>
        wanted.has(file.partition[name]!) && values.some((value) => withinBounds(file, field.column, value));
    }
    const low = from === undefined ? -Infinity : timePartition(field.transform, from);
    const high = to === undefined ? Infinity : timePartition(field.transform, to);
    return (file) => file.partition[name]! >= low && file.partition[name]! <= high;
  });
  return files.filter(
    (file) =>
      tests.every((test) => test(file)) && equal.every(({ column, value }) => withinBounds(file, column, value)),
  );
}

function withinBounds(file: DataFile, column: string, value: string): boolean {
  const bounds = file.bounds[column];
  return !bounds || (bounds[0] <= value && value <= bounds[1]);
}
