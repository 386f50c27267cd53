import { type Data, DataType, type Field, Precision, Vector } from 'apache-arrow';
import { badInput, type SourceColumnType } from './source-record.ts';
import { dateText, timestampText, timeText } from './timestamp-text.ts';

/** Text of a row of one batch; null where the column has nothing. */
export type Cells = (row: number) => string | null;

const VIEW_BYTES = 16;
const INLINE_BYTES = 12;
/** Of a decimal of 256 bits. */
const MAX_DIGITS = 76;
const BYTES = new TextDecoder();
const UTF8 = new TextDecoder('utf-8', { fatal: true });
const dictionaries = new WeakMap<Vector, readonly (string | null)[]>();

/** What a field holds, as far as a table of bars asks. */
export function columnType(type: DataType): SourceColumnType {
  if (DataType.isDictionary(type)) return columnType(type.dictionary as DataType);
  if (DataType.isInt(type)) return 'integer';
  if (DataType.isFloat(type) || DataType.isDecimal(type)) return 'number';
  if (DataType.isDate(type)) return 'date';
  if (DataType.isTimestamp(type)) return 'timestamp';
  if (DataType.isBool(type)) return 'boolean';
  return isBytes(type) || isView(type) || DataType.isNull(type) ? 'text' : 'other';
}

/**
 * Reads the values of one column of one batch. Its buffers are measured first, and what points out of them is refused
 * with column, row and value: the library would hand out parts of other values. Throws 422 `bad_input`.
 */
export function cellsOf({ type }: Pick<Field, 'type'>, data: Data, name: string, firstRow: number): Cells {
  measure(type, data, name);
  const valid =
    (cells: Cells): Cells =>
    (row) =>
      data.getValid(row) ? cells(row) : null;
  if (DataType.isNull(type)) return () => null;
  if (DataType.isDictionary(type))
    return valid(dictionaryCells(type as DataType & { dictionary: DataType }, data, name, firstRow));
  if (isBytes(type)) {
    checkOffsets(data, name, firstRow);
    return valid((row) =>
      textOf(
        type,
        (data.values as Uint8Array).subarray(Number(data.valueOffsets[row]), Number(data.valueOffsets[row + 1])),
        name,
        firstRow + row,
      ),
    );
  }
  if (isView(type)) return valid((row) => textOf(type, viewOf(data, row, name, firstRow), name, firstRow + row));
  const values = data.values as unknown as ArrayLike<number | bigint>;
  const { stride } = data;
  if (DataType.isTimestamp(type))
    return valid((row) => timestampText(BigInt(values[row]!), type.unit, type.timezone ?? null));
  if (DataType.isDate(type))
    return valid((row) => dateText(type.unit === 0 ? Number(values[row]) * 86_400_000 : Number(values[row])));
  if (DataType.isTime(type)) return valid((row) => timeText(BigInt(values[row]!), type.unit));
  if (DataType.isDecimal(type)) {
    if (type.precision < 1 || type.precision > MAX_DIGITS || Math.abs(type.scale) > MAX_DIGITS)
      throw badInput(
        `The column ${JSON.stringify(name)} of the Arrow file has decimals of ` +
          `${type.precision} digits, ${type.scale} of them after the point.`,
      );
    const limit = 10n ** BigInt(type.precision);
    return valid((row) => {
      const integer = integerOf(values as ArrayLike<number>, row * stride, stride);
      if (integer >= limit || integer <= -limit)
        throw misplaced(name, firstRow + row, `${integer}, which has more than ${type.precision} digits`);
      return scaledText(String(integer), type.scale);
    });
  }
  if (DataType.isFloat(type) && type.precision === Precision.SINGLE)
    return valid((row) => singleText(Number(values[row])));
  if (DataType.isInt(type) || (DataType.isFloat(type) && type.precision === Precision.DOUBLE))
    return valid((row) => String(values[row]));
  const vector = new Vector([data]);
  return valid((row) => String(vector.get(row)));
}

function measure(type: DataType, data: Data, name: string): void {
  const { length } = data;
  const short = (): never => {
    throw badInput(
      `The column ${JSON.stringify(name)} of the Arrow file has fewer bytes than its ${length} rows need.`,
    );
  };
  if (data.nullCount > 0 && data.nullBitmap.length * 8 < length) short();
  if (data.nullCount > 0 && data.nullCount !== nullsOf(data))
    throw badInput(
      `The column ${JSON.stringify(name)} of the Arrow file says ` +
        `${data.nullCount} of its ${length} rows are empty, and marks ${nullsOf(data)}.`,
    );
  if (DataType.isNull(type) || length === 0) return;
  if (isBytes(type)) return data.valueOffsets.length < length + 1 ? short() : undefined;
  if (isView(type)) return (data.values as Uint8Array).length < length * VIEW_BYTES ? short() : undefined;
  const values = data.values as unknown as ArrayLike<unknown> | undefined;
  if (values === undefined) return;
  const needed = DataType.isBool(type) ? Math.ceil(length / 8) : length * data.stride;
  if (values.length < needed) short();
}

function nullsOf({ nullBitmap, length }: Data): number {
  let nulls = 0;
  for (let row = 0; row < length; row++) if ((nullBitmap[row >> 3]! & (1 << (row & 7))) === 0) nulls++;
  return nulls;
}

function checkOffsets(data: Data, name: string, firstRow: number): void {
  const { length, valueOffsets } = data;
  const end = (data.values as Uint8Array).length;
  let before = length === 0 ? 0 : Number(valueOffsets[0]);
  for (let row = 0; row < length; row++) {
    const next = Number(valueOffsets[row + 1]);
    if (before < 0 || next < before || next > end)
      throw misplaced(name, firstRow + row, `the text from ${before} to ${next}, of ${end} bytes`);
    before = next;
  }
}

/** Bytes that are said to be text must be; others are shown as if they were. */
function textOf(type: DataType, bytes: Uint8Array, name: string, row: number): string {
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isBinaryView(type))
    return BYTES.decode(bytes);
  try {
    return UTF8.decode(bytes);
  } catch {
    throw misplaced(name, row, `${JSON.stringify(BYTES.decode(bytes.subarray(0, 64)))}, which is no UTF-8`);
  }
}

function viewOf(data: Data, row: number, name: string, firstRow: number): Uint8Array {
  const values = data.values as Uint8Array;
  const view = new DataView(values.buffer, values.byteOffset + row * VIEW_BYTES, VIEW_BYTES);
  const size = view.getInt32(0, true);
  if (size >= 0 && size <= INLINE_BYTES) return values.subarray(row * VIEW_BYTES + 4, row * VIEW_BYTES + 4 + size);
  const [buffer, offset] = [view.getInt32(8, true), view.getInt32(12, true)];
  const bytes = (data as Data & { variadicBuffers?: readonly Uint8Array[] }).variadicBuffers?.[buffer];
  if (size < 0 || offset < 0 || !bytes || offset + size > bytes.length)
    throw misplaced(
      name,
      firstRow + row,
      `the text from ${offset} with ${size} bytes in buffer ${buffer}, of ${bytes?.length ?? 0} bytes`,
    );
  return bytes.subarray(offset, offset + size);
}

function dictionaryCells(type: DataType & { dictionary: DataType }, data: Data, name: string, firstRow: number): Cells {
  const vector = data.dictionary as Vector | undefined;
  if (!vector) throw badInput(`The column ${JSON.stringify(name)} of the Arrow file has no dictionary.`);
  let texts = dictionaries.get(vector);
  if (!texts) dictionaries.set(vector, (texts = vector.data.flatMap((part) => textsOf(part, type.dictionary, name))));
  const known = texts;
  const indices = data.values as unknown as ArrayLike<number | bigint>;
  return (row) => {
    const index = Number(indices[row]);
    if (index < 0 || index >= known.length)
      throw misplaced(name, firstRow + row, `the value ${index} of a dictionary of ${known.length}`);
    return known[index]!;
  };
}

function textsOf(data: Data, type: DataType, name: string): (string | null)[] {
  const cells = cellsOf({ type }, data, name, 1);
  return Array.from({ length: data.length }, (_, row) => cells(row));
}

function misplaced(name: string, row: number, value: string): Error {
  return badInput(`The column ${JSON.stringify(name)} of the Arrow file means in row ${row} ${value}.`);
}

function isBytes(type: DataType): boolean {
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isBinary(type) || DataType.isLargeBinary(type);
}

function isView(type: DataType): boolean {
  return DataType.isUtf8View(type) || DataType.isBinaryView(type);
}

/**
 * The shortest digits that mean this number in single precision, as other writers show it: 1.1 and not
 * 1.100000023841858.
 */
function singleText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}

/** An integer of several words, the lowest first. */
function integerOf(words: ArrayLike<number>, at: number, count: number): bigint {
  let integer = 0n;
  for (let i = count - 1; i >= 0; i--) integer = (integer << 32n) | BigInt(words[at + i]!);
  return BigInt.asIntN(count * 32, integer);
}

function scaledText(integer: string, scale: number): string {
  if (scale <= 0) return integer + '0'.repeat(-scale);
  const digits = integer.replace('-', '').padStart(scale + 1, '0');
  return `${integer.startsWith('-') ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
