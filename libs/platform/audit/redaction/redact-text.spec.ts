import fc from 'fast-check';
import { LONGEST_STRING_BYTES, redactBoundedText, redactText } from './redact-text.ts';

const ROWS: [string, string][] = [
  ['postgresql+psycopg2://aqp:aqp@postgres:5432/aqp', 'postgresql+psycopg2://[REDACTED]@postgres:5432/aqp'],
  ['redis://:p@ss@redis:6379/0', 'redis://[REDACTED]@redis:6379/0'],
  ['https://h/p?sig=abc%2Fdef&x=1', 'https://h/p?sig=[REDACTED]&x=1'],
  ['Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl', 'Authorization: Bearer [REDACTED]'],
  ['Basic cm9vdDpzM2NyM3Q=', 'Basic [REDACTED]'],
  ['Basic authentication failed', 'Basic authentication failed'],
  ['{"password": "hunter2", "n": 1}', '{"password": "[REDACTED]", "n": 1}'],
  ['AccountKey=abc123==;EndpointSuffix=core.windows.net', 'AccountKey=[REDACTED];EndpointSuffix=core.windows.net'],
  ['key AKIAIOSFODNN7EXAMPLE used', 'key [REDACTED] used'],
  ['sk_live_abcdef1234567890', '[REDACTED]'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE', '[REDACTED]'],
  ['token expired at 12:00', 'token expired at 12:00'],
  ['max_tokens=4000 model=x', 'max_tokens=4000 model=x'],
];

const MORE: [string, string][] = [
  [
    'a -----BEGIN PRIVATE KEY-----\nAB\n-----END PRIVATE KEY----- b -----BEGIN EC PRIVATE KEY-----',
    'a [REDACTED] b [REDACTED]',
  ],
  ['Bearer authentication', 'Bearer authentication'],
  ['Bearer abcdefg1', 'Bearer [REDACTED]'],
  ['Bearer abcdefghijklmnopqrst', 'Bearer [REDACTED]'],
  ['see eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0. end', 'see [REDACTED] end'],
  ['%20eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.x', '%20[REDACTED]'],
  ['task-018cc251-f400-7000-8000-000000000001', 'task-018cc251-f400-7000-8000-000000000001'],
  ['weight_concentrationlimits', 'weight_concentrationlimits'],
  [String.raw`"line\nsk-abcdefghijklmnopqrstuv"`, String.raw`"line\n[REDACTED]"`],
  ['ghp_abcdefghij0123456789, xoxb-1234567890, glpat-abcdefghijklmnop', '[REDACTED], [REDACTED], [REDACTED]'],
  [`AIza${'a'.repeat(35)} hvs.${'b'.repeat(20)} github_pat_${'c'.repeat(16)}`, '[REDACTED] [REDACTED] [REDACTED]'],
  [String.raw`{\"password\": \"a\\\"b\", \"n\": 1}`, String.raw`{\"password\": \"[REDACTED]\", \"n\": 1}`],
  ['{"password":123456,"token":12,"has_secret":true}', '{"password":"[REDACTED]","token":12,"has_secret":true}'],
  [String.raw`{\"pwd\":-1.5e3}`, String.raw`{\"pwd\":\"[REDACTED]\"}`],
  ["password='two words' next", "password='[REDACTED]' next"],
  ['client.secret=abc)', 'client.secret=[REDACTED])'],
  ['password="never closed', 'password="[REDACTED]'],
  [`${'x'.repeat(200)}_password=abc`, `${'x'.repeat(200)}_password=[REDACTED]`],
  [String.raw`{"msg":"dsn=abc\"def"}`, String.raw`{"msg":"dsn=[REDACTED]\"def"}`],
  ['foo://token=a/b;x@host', 'foo://[REDACTED]@host'],
  ['a\0b \ud800', 'a\uFFFDb \uFFFD'],
];

describe('redactText', () => {
  it.each([...ROWS, ...MORE])('%j becomes %j', (input, output) => {
    expect(redactText(input)).toBe(output);
    expect(redactText(output)).toBe(output);
  });

  /** Fragments that are most likely to combine into something that a second pass would see differently. */
  const fragment = fc.oneof(
    fc.constantFrom(
      'password',
      'token',
      'x_token',
      'sig',
      '=',
      ':',
      '"',
      "'",
      '\\',
      '\\"',
      '://',
      '@',
      '/',
      ';',
      ',',
      ' ',
      ']',
      '[REDACTED]',
      '[TRUNCATED]',
      '[REDACTED',
      'Bearer ',
      'Basic ',
      'cm9vdDpzM2NyM3Q=',
      'eyJhbGciOiJub25lIn0',
      '.',
      'sk-',
      'AKIA',
      'abcdefghijklmnopqrst',
      'A'.repeat(16),
      '12',
      '-----BEGIN PRIVATE KEY-----',
      '-----END PRIVATE KEY-----',
      '\n',
      '\\n',
      'foo',
      '%20',
      '&',
      'true',
    ),
    fc.string({ maxLength: 6, unit: 'binary' }),
  );
  const text = fc.array(fragment, { maxLength: 24 }).map((parts) => parts.join(''));

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(text, (input) => {
        const once = redactText(input);
        expect(redactText(once)).toBe(once);
      }),
      { numRuns: 20_000 },
    );
  });

  it('is cut to 8,192 bytes of UTF-8 at a character, the marker included, and then stays as it is', () => {
    expect(redactBoundedText('é'.repeat(5_000))).toBe(`${'é'.repeat(4_090)}[TRUNCATED]`);
    expect(redactBoundedText('a'.repeat(8_192))).toHaveLength(8_192);
    expect(redactBoundedText('😀'.repeat(3_000))).toBe(`${'😀'.repeat(2_045)}[TRUNCATED]`);
    const halved = `${'x '.repeat(4_083)}sig=[REDACTED]${String.raw`\"`}${'y '.repeat(20)}`;
    expect(redactBoundedText(redactBoundedText(halved))).toBe(redactBoundedText(halved));
    const filler = fc.integer({ min: 8_100, max: 8_192 }).map((length) => 'x '.repeat(length).slice(0, length));
    fc.assert(
      fc.property(filler, text, text, (start, middle, end) => {
        const once = redactBoundedText(start + middle + end);
        expect(Buffer.byteLength(once)).toBeLessThanOrEqual(LONGEST_STRING_BYTES);
        expect(redactBoundedText(once)).toBe(once);
      }),
      { numRuns: 5_000 },
    );
  });

  const MEBIBYTE = 1_048_576;
  const hostile = [
    'eyJ',
    'eyJhbGci.',
    'a',
    'a.',
    '=',
    'ab=',
    'token=',
    'token=a;',
    '"password":',
    '"password":"a",',
    '"password":1,',
    ':',
    '": ',
    ' ',
    '\\',
    '\\"',
    '://',
    '://@',
    'a://b@',
    'Basic ',
    'basic',
    'Bearer ',
    'Bearer a',
    'AKIA',
    'sk-',
    'sk-a',
    'gha_',
    'ghp_abcdefghijklmno',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----',
    "password='",
    'x_secret=\\"',
    'password=[REDACTED]',
    '[REDACTED]',
    'A1',
    '%20',
    '\\nsk-',
    'é',
    '\ud800',
    'Lorem ipsum dolor sit amet, n=1; "note": "x" ',
  ];

  it.each(hostile)('takes linear time: 1 MiB of %j', (unit) => {
    const input = unit.repeat(Math.ceil(MEBIBYTE / unit.length)).slice(0, MEBIBYTE);
    // Processor time, because the machine may be busy with other tests; the promise is 50 ms, quadratic time would be
    // minutes.
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 3; run++) {
      const start = process.cpuUsage();
      redactText(input);
      best = Math.min(best, process.cpuUsage(start).user / 1_000);
    }
    expect(best).toBeLessThan(200);
  });
});
