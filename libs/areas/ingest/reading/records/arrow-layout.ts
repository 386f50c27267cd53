import { type FileHandle, open } from 'node:fs/promises';
import { badInput } from './source-record.ts';

const MAX_DEPTH = 10;
const MAX_FIELDS = 20_000;
const FOOTER_TAIL = 10;
const HEADER = { schema: 1, dictionary: 2, batch: 3 } as const;

/**
 * Walks the metadata of an Arrow IPC stream or file and refuses what declares more than its bytes can hold, or nests deeper than 10:
 * the reader itself believes every length and would fill the memory. Layout: the Arrow columnar format, Message.fbs, Schema.fbs and File.fbs.
 */
export async function checkArrowLayout(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const isFile = (await part(file, 0, Math.min(6, size), size)).toString('latin1') === 'ARROW1';
    if (isFile) await checkFooter(file, size);
    for (let at = isFile ? 8 : 0; at < size; ) {
      const prefix = await part(file, at, Math.min(8, size - at), size);
      const length = prefix.readUInt32LE(4);
      if (length === 0) return;
      at += 8 + length + checkMessage(rootOf(await part(file, at + 8, length, size)));
    }
  } catch (error) {
    throw error instanceof RangeError || (error as { name?: string }).name === 'RangeError' ? badInput('The Arrow metadata is damaged.', error) : error;
  } finally {
    await file.close();
  }
}

async function checkFooter(file: FileHandle, size: number): Promise<void> {
  const tail = await part(file, size - FOOTER_TAIL, FOOTER_TAIL, size);
  if (tail.toString('latin1', 4) !== 'ARROW1') throw badInput('The Arrow footer is damaged.');
  const length = tail.readUInt32LE(0);
  const footer = rootOf(await part(file, size - FOOTER_TAIL - length, length, size));
  checkSchema(footer.table(1));
  footer.vector(2, 24);
  footer.vector(3, 24);
}

/** The length of the body that follows. */
function checkMessage(message: FlatTable): number {
  const kind = message.byte(1);
  const header = message.table(2);
  if (kind === HEADER.schema) checkSchema(header);
  else if (kind === HEADER.batch) checkBatch(header);
  else if (kind === HEADER.dictionary) checkBatch(header?.table(1));
  const body = message.long(3);
  if (body < 0) throw new RangeError('a negative length');
  return body;
}

function checkSchema(schema: FlatTable | undefined): void {
  let left = MAX_FIELDS;
  const visit = (field: FlatTable, depth: number): void => {
    if (depth > MAX_DEPTH || left-- === 0) throw badInput(`The Arrow schema has more than ${MAX_FIELDS} fields or nests deeper than ${MAX_DEPTH}.`);
    field.vector(6, 4);
    for (const child of field.tables(5)) visit(child, depth + 1);
  };
  schema?.vector(2, 4);
  for (const field of schema?.tables(1) ?? []) visit(field, 1);
}

function checkBatch(batch: FlatTable | undefined): void {
  if (batch?.table(3)) throw badInput('The buffers of the Arrow file are compressed, which is not read; write it uncompressed, or send Parquet.');
  batch?.vector(1, 16);
  batch?.vector(2, 16);
}

async function part(file: FileHandle, at: number, length: number, size: number): Promise<Buffer> {
  if (at < 0 || length > size - at) throw new RangeError('a length beyond the end of the file');
  const buffer = Buffer.alloc(length);
  await file.read(buffer, 0, length, at);
  return buffer;
}

function rootOf(buffer: Buffer): FlatTable {
  return new FlatTable(buffer, buffer.readUInt32LE(0));
}

/** A FlatBuffers table. Whatever lies outside of the buffer is a RangeError. */
class FlatTable {
  readonly #buffer: Buffer;
  readonly #at: number;

  constructor(buffer: Buffer, at: number) {
    this.#buffer = buffer;
    this.#at = at;
  }

  byte(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : this.#buffer.readUInt8(at);
  }

  long(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : Number(this.#buffer.readBigInt64LE(at));
  }

  table(slot: number): FlatTable | undefined {
    const at = this.#field(slot);
    return at === 0 ? undefined : this.#follow(at);
  }

  vector(slot: number, itemBytes: number): { at: number; length: number } {
    const field = this.#field(slot);
    if (field === 0) return { at: 0, length: 0 };
    const at = field + this.#buffer.readUInt32LE(field);
    const length = this.#buffer.readUInt32LE(at);
    if (length * itemBytes > this.#buffer.length - at - 4) throw new RangeError('a vector beyond the end of its message');
    return { at: at + 4, length };
  }

  tables(slot: number): FlatTable[] {
    const { at, length } = this.vector(slot, 4);
    return Array.from({ length }, (_, i) => this.#follow(at + 4 * i));
  }

  #follow(at: number): FlatTable {
    return new FlatTable(this.#buffer, at + this.#buffer.readUInt32LE(at));
  }

  #field(slot: number): number {
    const vtable = this.#at - this.#buffer.readInt32LE(this.#at);
    const offset = 4 + 2 * slot;
    const relative = offset < this.#buffer.readUInt16LE(vtable) ? this.#buffer.readUInt16LE(vtable + offset) : 0;
    return relative === 0 ? 0 : this.#at + relative;
  }
}
