import type { Writable } from 'node:stream';
import * as ws from 'ws';
import { encodeTextMessage } from './text-frame.ts';

// The package exports its parser without a type.
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable };

/** What the parser of `ws` makes of our bytes, as the client side sees them. */
function parsed(bytes: Buffer): Promise<string[]> {
  const messages: string[] = [];
  const receiver = new Receiver({ isServer: false });
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    messages.push(isBinary ? 'binary' : data.toString('utf8')),
  );
  return new Promise((resolve, reject) => {
    receiver.on('error', reject);
    receiver.on('finish', () => resolve(messages));
    receiver.end(bytes);
  });
}

describe('encodeTextMessage', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])(
    'is read back by another implementation at %i bytes',
    async (length) => {
      const text = 'x'.repeat(length);
      expect(await parsed(encodeTextMessage(text))).toEqual([text]);
    },
  );

  it('counts bytes, not characters, and leaves messages whole beside each other', async () => {
    const texts = ['é'.repeat(63), '漢字', '{"seq":1}'];
    expect(await parsed(Buffer.concat(texts.map(encodeTextMessage)))).toEqual(texts);
  });
});
