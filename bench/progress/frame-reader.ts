const QUOTE_SEQ = Buffer.from('"seq":');
const TEXT = 1;
const CLOSE = 8;

/**
 * Reads unmasked WebSocket messages from a stream of bytes (RFC 6455 5.2) and checks that their `seq`, the last member,
 * rises by one.
 */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #next: number;
  received = 0;
  closed = false;

  constructor(first: number) {
    this.#next = first;
  }

  /** Throws when a frame is missing, repeated or out of order. */
  read(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const size = messageSize(bytes);
      if (size === undefined || bytes.length < size.total) break;
      const opcode = bytes[0]! & 0x0f;
      if (opcode === TEXT) this.#check(bytes.subarray(size.header, size.total));
      else if (opcode === CLOSE) this.closed = true;
      bytes = bytes.subarray(size.total);
    }
    this.#rest = bytes;
  }

  #check(payload: Buffer): void {
    const at = payload.lastIndexOf(QUOTE_SEQ);
    const seq = at < 0 ? Number.NaN : Number(payload.toString('latin1', at + QUOTE_SEQ.length, payload.length - 1));
    if (seq !== this.#next)
      throw new Error(`expected seq ${this.#next}, got ${payload.toString('utf8').slice(0, 200)}`);
    this.#next += 1;
    this.received += 1;
  }
}

function messageSize(bytes: Buffer): { header: number; total: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  if (short < 126) return { header: 2, total: 2 + short };
  if (short === 126) return bytes.length < 4 ? undefined : { header: 4, total: 4 + bytes.readUInt16BE(2) };
  return bytes.length < 10 ? undefined : { header: 10, total: 10 + Number(bytes.readBigUInt64BE(2)) };
}
