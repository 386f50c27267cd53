/**
 * An unmasked, unfragmented text message as it goes over the wire (RFC 6455 section 5.2): encoded once, written to any
 * number of sockets.
 */
export function encodeTextMessage(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = headerOf(length);
  const message = Buffer.allocUnsafe(header.length + length);
  header.copy(message);
  message.write(text, header.length);
  return message;
}

const FINAL_TEXT = 0x81;

function headerOf(length: number): Buffer {
  if (length < 126) return Buffer.from([FINAL_TEXT, length]);
  if (length < 65_536) return Buffer.from([FINAL_TEXT, 126, length >> 8, length & 0xff]);
  const header = Buffer.alloc(10);
  header[0] = FINAL_TEXT;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}
