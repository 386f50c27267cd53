import fc from 'fast-check';
import { canonicalJson, sha256Hex } from '#kernel';
import { redact } from './redact.ts';
import { redactPayload } from './redact-payload.ts';
import { redactText } from './redact-text.ts';
import { RegisteredSecrets, SecretMaskingStream, resolvedSecrets } from './registered-secrets.ts';

describe('redact', () => {
  it.each([
    [
      { Client_Secret: 'x', client_id: 'root' },
      { Client_Secret: '[REDACTED]', client_id: 'root' },
    ],
    [
      { token: 12, password: 123456, has_secret: true },
      { token: 12, password: '[REDACTED]', has_secret: true },
    ],
    [
      { max_tokens: 4000, token_count: 7, tokens: { prompt: 12 } },
      { max_tokens: 4000, token_count: 7, tokens: { prompt: 12 } },
    ],
    [{ credentials: { access_key: 'a', region: 'us-east-1' } }, { credentials: '[REDACTED]' }],
    [
      { secret_ref: 'vault:kv/x', key_id: 'k1', idempotency_key: 'abc', session_id: 's1' },
      { secret_ref: 'vault:kv/x', key_id: 'k1', idempotency_key: 'abc', session_id: 's1' },
    ],
    [
      { password: null, pwd: '', secrets: [], otp: 1n, refresh_token: 'x' },
      { password: null, pwd: '[REDACTED]', secrets: '[REDACTED]', otp: '[REDACTED]', refresh_token: '[REDACTED]' },
    ],
    [
      { 'password=abc': 1, ok: ['Bearer abcdefg1'] },
      { 'password=[REDACTED]': 1, ok: ['Bearer [REDACTED]'] },
    ],
  ])('%j becomes %j', (input, output) => {
    expect(redact(input)).toEqual(output);
    expect(redact(output)).toEqual(output);
  });

  it('gives every value a JSON form and runs none of its code', () => {
    const cycle: Record<string, unknown> = { name: 'a' };
    cycle['self'] = cycle;
    const hostile = {
      get getter() {
        throw new Error('invoked');
      },
      toJSON() {
        throw new Error('invoked');
      },
    };
    expect(
      redact({
        map: new Map<unknown, unknown>([
          ['password', 'x'],
          ['a', new Map([[1, 2]])],
        ]),
        set: new Set([1, 'b']),
        buffer: Buffer.alloc(5),
        floats: new Float64Array(2),
        cycle,
        hostile,
        proxy: new Proxy(
          {},
          {
            ownKeys: () => {
              throw new Error('invoked');
            },
          },
        ),
        date: new Date(Date.UTC(2026, 0, 2)),
        invalid: new Date(Number.NaN),
        big: 12345678901234567890n,
        numbers: [Number.NaN, Number.POSITIVE_INFINITY, 1.5],
        absent: undefined,
        run: () => 1,
        list: [1, undefined, 2],
        boxed: new String('Bearer abcdefg1'),
        url: new URL('https://u:p@h/x'),
        error: Object.assign(new Error('token=abc'), { code: 'E' }),
        nul: 'a\0b',
        lone: '\udc00',
      }),
    ).toEqual({
      map: { password: '[REDACTED]', a: { 1: 2 } },
      set: [1, 'b'],
      buffer: '[BINARY 5 bytes]',
      floats: '[BINARY 16 bytes]',
      cycle: { name: 'a', self: '[CIRCULAR]' },
      hostile: {},
      proxy: '[REDACTED]',
      date: '2026-01-02T00:00:00.000Z',
      invalid: null,
      big: '12345678901234567890',
      numbers: [null, null, 1.5],
      list: [1, 2],
      boxed: 'Bearer [REDACTED]',
      url: 'https://[REDACTED]@h/x',
      error: { name: 'Error', message: 'token=[REDACTED]', code: 'E' },
      nul: 'a\uFFFDb',
      lone: '\uFFFD',
    });
    const shared = { a: 1 };
    expect(redact([shared, shared])).toEqual([{ a: 1 }, { a: 1 }]);
    const prototype = redact(JSON.parse('{"__proto__": {"polluted": true}}')) as object;
    expect(Object.keys(prototype)).toEqual(['__proto__']);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('keeps containers to depth 12 and 10,000 values', () => {
    const nest = (depth: number): unknown => (depth === 0 ? 'leaf' : [nest(depth - 1)]);
    expect(redact(nest(12))).toEqual(nest(12));
    expect(JSON.stringify(redact(nest(13)))).toBe(`${'['.repeat(12)}"[TRUNCATED]"${']'.repeat(12)}`);
    const many = redact(Array.from({ length: 20_000 }, (_, index) => index)) as unknown[];
    expect(many).toHaveLength(10_000);
    expect(many.slice(-2)).toEqual([9_998, '[TRUNCATED]']);
    expect(redact(many)).toEqual(many);
    expect(redact(new Array(4_000_000_000))).toEqual(['[TRUNCATED]']);
    const record = redact(
      Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`k${index}`, index])),
    ) as Record<string, unknown>;
    expect([Object.keys(record).length, record['[TRUNCATED]']]).toEqual([10_000, '[TRUNCATED]']);
  });

  it('never throws, changes nothing the second time, and never shows a registered secret', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
      withObjectString: true,
      withNullPrototype: true,
    });
    const secret = fc
      .string({ minLength: 8, maxLength: 40, unit: 'binary' })
      .filter((text) => !'[REDACTED] [TRUNCATED]'.includes(text));
    fc.assert(
      fc.property(anything, secret, fc.string(), fc.string(), (value, text, before, after) => {
        const secrets = new RegisteredSecrets();
        secrets.register(text);
        const carrier = {
          value,
          note: before + text + after,
          [`k${text}`]: [
            JSON.stringify({ deep: text }),
            Buffer.from(text).toString('base64'),
            encodeURIComponent(text.toWellFormed()),
          ],
        };
        const once = redact(carrier, secrets);
        expect(redact(once, secrets)).toEqual(once);
        const shown = JSON.stringify(once);
        for (const form of [
          JSON.stringify(text).slice(1, -1),
          Buffer.from(text).toString('base64'),
          encodeURIComponent(text.toWellFormed()),
        ]) {
          if (form.length >= 8) expect(shown).not.toContain(form);
        }
        expect(JSON.parse(canonicalJson(once))).toEqual(JSON.parse(shown));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('redactPayload', () => {
  it('keeps the hash alone of what is over 64 KiB', () => {
    const fits = { text: Array.from({ length: 8 }, () => 'a'.repeat(8_180)) };
    expect(redactPayload(fits)).toEqual({ payload: fits, sha256: sha256Hex(canonicalJson(fits)) });
    const over = { text: Array.from({ length: 9 }, () => 'é'.repeat(4_000)) };
    const stub = { truncated: true, sha256: sha256Hex(canonicalJson(over)) };
    expect(redactPayload(over)).toEqual({ payload: stub, sha256: sha256Hex(canonicalJson(stub)) });
    expect(redactPayload(stub).payload).toEqual(stub);
  });
});

describe('a masked stream', () => {
  it('finds a secret across chunks, and gives everything else as it came', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 })), fc.array(fc.nat(30), { maxLength: 8 }), (parts, cuts) => {
        const secrets = new RegisteredSecrets();
        secrets.register('correct horse battery');
        secrets.register('s3cret+/value');
        const text = parts.join('correct horse battery') + 's3cret+/value';
        const stream = new SecretMaskingStream(secrets);
        let output = '';
        let rest = text;
        for (const cut of cuts) {
          output += stream.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        output += stream.push(rest) + stream.end();
        expect(output).toBe(secrets.mask(text));
        expect(output).not.toContain('s3cret');
      }),
    );
  });
});

describe('RegisteredSecrets', () => {
  it('mask a secret until the last run that holds it lets go', () => {
    const secrets = new RegisteredSecrets();
    const [first, second] = [secrets.register('correct horse'), secrets.register('correct horse')];
    const other = secrets.register('battery staple');
    first();
    first();
    expect(secrets.mask('correct horse, battery staple')).toBe('[REDACTED], [REDACTED]');
    second();
    expect(secrets.mask('correct horse, battery staple')).toBe('correct horse, [REDACTED]');
    expect(secrets.overlap).toBeGreaterThan(0);
    other();
    expect(secrets.mask('correct horse, battery staple')).toBe('correct horse, battery staple');
    expect(secrets.overlap).toBe(0);
  });

  it('of the process are masked by everything that redacts, without being asked', () => {
    const said = {
      note: 'with correct horse',
      list: [{ 'correct horse': Buffer.from('correct horse').toString('base64') }],
    };
    const masked = { note: 'with [REDACTED]', list: [{ '[REDACTED]': '[REDACTED]' }] };
    const release = resolvedSecrets.register('correct horse');
    try {
      expect(redactText('with correct horse')).toBe('with [REDACTED]');
      expect(redact(said)).toEqual(masked);
      expect(redactPayload(said).payload).toEqual(masked);
    } finally {
      release();
    }
    expect(redact(said)).toEqual(said);
  });
});
