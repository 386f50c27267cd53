import { type FileHandle, open } from 'node:fs/promises';
import { badInput } from './source-record.ts';

const MAX_DEPTH = 10;
const MAX_FIELDS = 20_000;
const FOOTER_TAIL = 10;
const BLOCK_BYTES = 24;
const CONTINUATION = 0xffff_ffff;
const HEADER = { schema: 1, dictionary: 2, batch: 3 } as const;
const BIG_ENDIAN = 1;
const TIMESTAMP = 10;
const NEWEST_VERSION = 4;
/** A codec's buffer begins with its length when inflated; -1 where it is not compressed. */
const LENGTH_PREFIX = 8;
const MAX_BATCH_BYTES = 1024 ** 3;
const MAX_ROWS = 2 ** 31;
const BITS = 8;

/**
 * Walks the metadata of an Arrow IPC stream, or of a file by the blocks of its footer, and refuses what declares more
 * than its bytes can hold, or nests deeper than 10: the reader itself believes every length and would fill the memory.
 * Layout: the Arrow columnar format, Message.fbs, Schema.fbs and File.fbs.
 */
export async function checkArrowLayout(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const isFile = (await part(file, 0, Math.min(6, size), size)).toString('latin1') === 'ARROW1';
    await (isFile ? checkFile(file, size) : checkStream(file, size));
  } catch (error) {
    throw error instanceof RangeError || (error as { name?: string }).name === 'RangeError'
      ? badInput('The Arrow metadata is damaged.', error)
      : error;
  } finally {
    await file.close();
  }
}

/** Checks a schema message by itself, as Parquet writers note it. Throws RangeError, 422 `bad_input`. */
export function checkSchemaMessage(message: Buffer): void {
  const marked = message.readUInt32LE(0) === CONTINUATION;
  checkSchema(rootOf(message.subarray(marked ? 8 : 4)).table(2));
}

/** What stands between the blocks of a file is nobody's business; polars writes no continuation marker there. */
async function checkFile(file: FileHandle, size: number): Promise<void> {
  const tail = await part(file, size - FOOTER_TAIL, FOOTER_TAIL, size);
  if (tail.toString('latin1', 4) !== 'ARROW1') throw badInput('The Arrow footer is damaged.');
  const length = tail.readUInt32LE(0);
  const footer = rootOf(await part(file, size - FOOTER_TAIL - length, length, size));
  const schema = footer.table(1);
  if (!schema) throw new RangeError('a footer without schema');
  checkSchema(schema);
  for (const [slot, kind] of [
    [2, HEADER.dictionary],
    [3, HEADER.batch],
  ] as const) {
    for (const { offset, metadata, body } of footer.blocks(slot)) {
      if (metadata < LENGTH_PREFIX || body < 0) throw new RangeError('a block without message');
      const message = await part(file, offset, metadata, size);
      // The length of the block counts what stands before the message.
      const prefix = message.readUInt32LE(0) === CONTINUATION ? 8 : 4;
      const read = rootOf(message.subarray(prefix, prefix + message.readUInt32LE(prefix - 4)));
      if (read.byte(1) !== kind || read.long(3) !== body || body > size - offset - metadata)
        throw new RangeError('a block that is not what the footer says');
      await checkMessage(file, read, offset + metadata, size);
    }
  }
}

async function checkStream(file: FileHandle, size: number): Promise<void> {
  for (let at = 0; at < size;) {
    const prefix = await part(file, at, Math.min(8, size - at), size);
    const marked = prefix.readUInt32LE(0) === CONTINUATION;
    const length = prefix.readUInt32LE(marked ? 4 : 0);
    if (length === 0) return;
    const body = at + (marked ? 8 : 4) + length;
    at = body + (await checkMessage(file, rootOf(await part(file, body - length, length, size)), body, size));
  }
}

/** The length of the body that follows. */
async function checkMessage(file: FileHandle, message: FlatTable, at: number, size: number): Promise<number> {
  if (message.byte(0) > NEWEST_VERSION) throw new RangeError('a version of the format that is not known');
  const kind = message.byte(1);
  const header = message.table(2);
  const body = message.long(3);
  if (body < 0 || body > size - at) throw new RangeError('a body beyond the end of the file');
  if (kind === HEADER.schema) checkSchema(header);
  else if (kind === HEADER.batch) await checkBatch(file, header, at, body, size);
  else if (kind === HEADER.dictionary) await checkBatch(file, header?.table(1), at, body, size);
  return body;
}

function checkSchema(schema: FlatTable | undefined): void {
  let left = MAX_FIELDS;
  const visit = (field: FlatTable, depth: number): void => {
    if (depth > MAX_DEPTH || left-- === 0)
      throw badInput(`The Arrow schema has more than ${MAX_FIELDS} fields or nests deeper than ${MAX_DEPTH}.`);
    field.string(0);
    // A zone is the one text that a type has.
    if (field.byte(2) === TIMESTAMP) field.table(3)?.string(1);
    else field.table(3);
    field.table(4)?.table(1);
    for (const note of field.tables(6)) checkNote(note);
    for (const child of field.tables(5)) visit(child, depth + 1);
  };
  if (schema?.byte(0) === BIG_ENDIAN)
    throw badInput('The Arrow file is big-endian, which is not read; write it on another machine, or send Parquet.');
  for (const note of schema?.tables(2) ?? []) checkNote(note);
  for (const field of schema?.tables(1) ?? []) visit(field, 1);
}

function checkNote(note: FlatTable): void {
  note.string(0);
  note.string(1);
}

async function checkBatch(
  file: FileHandle,
  batch: FlatTable | undefined,
  at: number,
  body: number,
  size: number,
): Promise<void> {
  if (!batch) throw new RangeError('a message without its batch');
  const rows = batch.long(0);
  if (rows < 0 || rows > MAX_ROWS) throw new RangeError('an impossible number of rows');
  const nodes = batch.pairs(1);
  for (const [length, nulls] of nodes)
    if (length < 0 || length > MAX_ROWS || nulls < -1 || nulls > length)
      throw new RangeError('an impossible number of values');
  const compression = batch.table(3);
  if (compression && compression.byte(0) > 1)
    throw badInput('The buffers of the Arrow file are compressed by an unknown codec; lz4 and zstd are read.');
  let bytes = 0;
  let inflated = 0;
  const buffers = batch.pairs(2);
  // Buffers of views, in number as many as each column of them has.
  if (batch.longs(4).some((count) => count < 0 || count > buffers.length))
    throw new RangeError('more buffers than there are');
  for (const [offset, length] of buffers) {
    if (offset < 0 || length < 0 || offset + length > body) throw new RangeError('a buffer beyond its body');
    bytes += length;
    if (!compression || length === 0) continue;
    const declared = Number((await part(file, at + offset, LENGTH_PREFIX, size)).readBigInt64LE(0));
    if (length < LENGTH_PREFIX || declared < -1) throw new RangeError('a negative length');
    inflated += Math.max(declared, 0);
  }
  // Columns of other lengths than their batch are filled up by the reader, whatever that costs.
  if (Math.max(rows, ...nodes.map(([length]) => length)) > BITS * (bytes + inflated))
    throw new RangeError('more rows than the bytes have bits');
  if (inflated > MAX_BATCH_BYTES)
    throw badInput('A batch of the Arrow file has more than 1 GiB when inflated.', undefined, 'Write smaller batches.');
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
  readonly #vtable: number;
  readonly #slots: number;
  readonly #bytes: number;

  constructor(buffer: Buffer, at: number) {
    this.#buffer = buffer;
    this.#at = at;
    this.#vtable = at - buffer.readInt32LE(at);
    this.#slots = buffer.readUInt16LE(this.#vtable);
    this.#bytes = buffer.readUInt16LE(this.#vtable + 2);
    if (
      this.#slots < 4 ||
      this.#slots % 2 === 1 ||
      this.#vtable + this.#slots > buffer.length ||
      this.#bytes < 4 ||
      at + this.#bytes > buffer.length
    )
      throw new RangeError('a table beyond its message');
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
    if (length * itemBytes > this.#buffer.length - at - 4)
      throw new RangeError('a vector beyond the end of its message');
    return { at: at + 4, length };
  }

  /** Measures a text, which ends with a zero. */
  string(slot: number): void {
    const { at, length } = this.vector(slot, 1);
    if (at > 0 && this.#buffer.readUInt8(at + length) !== 0) throw new RangeError('a text without end');
  }

  /** A vector of structures of two longs: field nodes, buffers. */
  pairs(slot: number): [number, number][] {
    const { at, length } = this.vector(slot, 16);
    return Array.from({ length }, (_, i) => [
      Number(this.#buffer.readBigInt64LE(at + 16 * i)),
      Number(this.#buffer.readBigInt64LE(at + 16 * i + 8)),
    ]);
  }

  longs(slot: number): number[] {
    const { at, length } = this.vector(slot, 8);
    return Array.from({ length }, (_, i) => Number(this.#buffer.readBigInt64LE(at + 8 * i)));
  }

  /** Blocks of a footer. */
  blocks(slot: number): { offset: number; metadata: number; body: number }[] {
    const { at, length } = this.vector(slot, BLOCK_BYTES);
    return Array.from({ length }, (_, i) => {
      const block = at + BLOCK_BYTES * i;
      return {
        offset: Number(this.#buffer.readBigInt64LE(block)),
        metadata: this.#buffer.readInt32LE(block + 8),
        body: Number(this.#buffer.readBigInt64LE(block + 16)),
      };
    });
  }

  tables(slot: number): FlatTable[] {
    const { at, length } = this.vector(slot, 4);
    return Array.from({ length }, (_, i) => this.#follow(at + 4 * i));
  }

  #follow(at: number): FlatTable {
    return new FlatTable(this.#buffer, at + this.#buffer.readUInt32LE(at));
  }

  #field(slot: number): number {
    const offset = 4 + 2 * slot;
    const relative = offset < this.#slots ? this.#buffer.readUInt16LE(this.#vtable + offset) : 0;
    if (relative >= this.#bytes) throw new RangeError('a field beyond its table');
    return relative === 0 ? 0 : this.#at + relative;
  }
}
