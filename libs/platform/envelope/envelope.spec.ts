import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { EnvelopeConfig, EnvironmentConfig, loadTopic } from '#platform/config';
import { Envelope, EnvelopeError, type SealedBlob } from './envelope.ts';
import { KeyEncryptionKeys } from './key-encryption-keys.ts';

const PLACE = 'org|credential|1';

describe('Envelope', () => {
  const directory = mkdtempSync(join(tmpdir(), 'envelope-'));
  const file = join(directory, 'kek');
  const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  let envelope: Envelope;

  beforeEach(() => {
    writeFileSync(file, `${first}\n`, { mode: 0o600 });
    const env = { ALPHASWARM_KEK_FILE: file };
    envelope = new Envelope(KeyEncryptionKeys.open(loadTopic(EnvelopeConfig, env), loadTopic(EnvironmentConfig, env)));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function failure(blob: SealedBlob, place = PLACE): string | undefined {
    try {
      envelope.open(blob, place);
      return undefined;
    } catch (error) {
      if (error instanceof EnvelopeError) return error.reason;
      throw error;
    }
  }

  it('opens what it sealed, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary' }), (bytes, place) => {
        const blob = envelope.seal(bytes, place);
        expect(envelope.open(blob, place)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('opens nowhere but in its place', () => {
    const blob = envelope.seal(Buffer.from('secret'), PLACE);
    for (const place of ['other|credential|1', 'org|other|1', 'org|credential|2', 'org|credential|1 ', ''])
      expect([place, failure(blob, place)]).toEqual([place, 'not_authentic']);
    expect(failure(blob)).toBeUndefined();
  });

  it('opens with no bit flipped and no byte cut off or added, in neither part', () => {
    const blob = envelope.seal(Buffer.from('secret'), PLACE);
    for (const part of ['ciphertext', 'wrappedKey'] as const) {
      const bytes = Buffer.from(blob[part]);
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect([part, bit, failure({ ...blob, [part]: flipped })]).toEqual([part, bit, 'not_authentic']);
      }
      for (let length = 0; length < bytes.length; length++)
        expect(failure({ ...blob, [part]: bytes.subarray(0, length) })).toBe('not_authentic');
      expect(failure({ ...blob, [part]: Buffer.concat([bytes, Buffer.alloc(1)]) })).toBe('not_authentic');
    }
  });

  it('opens with no key of another blob', () => {
    const [one, other] = [envelope.seal(Buffer.from('one'), PLACE), envelope.seal(Buffer.from('one'), PLACE)];
    expect(failure({ ...one, wrappedKey: other.wrappedKey })).toBe('not_authentic');
  });

  it('seals under the first key of the file as it is now, and opens under all of them', () => {
    const before = envelope.seal(Buffer.from('before'), PLACE);
    writeFileSync(file, `${second}\n${first}\n`);
    const after = envelope.seal(Buffer.from('after'), PLACE);
    expect(after.kekId).not.toBe(before.kekId);
    expect([before, after].map((blob) => envelope.open(blob, PLACE).toString())).toEqual(['before', 'after']);
    expect(failure({ ...before, kekId: after.kekId })).toBe('not_authentic');
    writeFileSync(file, second);
    expect([before, after].map((blob) => failure(blob))).toEqual(['unknown_kek', undefined]);
  });

  it('rewraps a key under the first one of the file, and leaves the bytes as they are', () => {
    const blob = envelope.seal(Buffer.from('secret'), PLACE);
    writeFileSync(file, `${second}\n${first}\n`);
    const again = { ...blob, ...envelope.rewrap(blob) };
    writeFileSync(file, second);
    expect(envelope.open(again, PLACE).toString()).toBe('secret');
    expect(() => envelope.rewrap(blob)).toThrow(new EnvelopeError('unknown_kek'));
    expect(() => envelope.rewrap({ ...again, wrappedKey: Buffer.alloc(60) })).toThrow(
      new EnvelopeError('not_authentic'),
    );
  });

  it('repeats no nonce in 100,000 seals', () => {
    const nonces = new Set<string>();
    for (let count = 0; count < 100_000; count++) {
      const { ciphertext, wrappedKey } = envelope.seal(Buffer.alloc(1), PLACE);
      for (const part of [ciphertext, wrappedKey]) nonces.add(Buffer.from(part.subarray(0, 12)).toString('latin1'));
    }
    expect(nonces.size).toBe(200_000);
  }, 60_000);

  it('tells nothing of a blob that does not open', () => {
    expect(String(new EnvelopeError('not_authentic'))).toBe('EnvelopeError: The blob does not open: not_authentic.');
  });
});
