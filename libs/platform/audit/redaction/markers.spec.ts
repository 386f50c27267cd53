import fc from 'fast-check';
import { showingPrefixes } from './markers.ts';
import { redactText } from './redact-text.ts';
import { redact } from './redact.ts';

describe('showingPrefixes', () => {
  it('shows four characters of secrets of 16 or more, and masking again changes nothing', () => {
    const cases: [string, string][] = [
      ['token=abcdefghijklmnop', 'token=[REDACTED:abcd…]'],
      ['token=abcdefghijklmno', 'token=[REDACTED]'],
      ['{"password": "hunter2-hunter2-hunter2"}', '{"password": "[REDACTED:hunt…]"}'],
      [
        'Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl',
        'Authorization: Bearer [REDACTED:eyJh…]',
      ],
      ['redis://user:a-long-password@redis:6379/0', 'redis://[REDACTED:user…]@redis:6379/0'],
      ['key AKIAIOSFODNN7EXAMPLE used', 'key [REDACTED:AKIA…] used'],
    ];
    for (const [input, output] of cases)
      expect([input, showingPrefixes(() => redactText(input)), showingPrefixes(() => redactText(output))]).toEqual([
        input,
        output,
        output,
      ]);
    expect(showingPrefixes(() => redact({ api_key: 'abcdefghijklmnop', credentials: { a: 1 } }))).toEqual({
      api_key: '[REDACTED:abcd…]',
      credentials: '[REDACTED]',
    });
  });

  it('ends with its work, also when that throws', () => {
    expect(() =>
      showingPrefixes(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(redactText('token=abcdefghijklmnop')).toBe('token=[REDACTED]');
  });

  it('shows nothing longer of any secret', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9]{5,40}$/), (secret) => {
        expect(showingPrefixes(() => redactText(`password="${secret}"`))).toBe(
          secret.length < 16 ? 'password="[REDACTED]"' : `password="[REDACTED:${secret.slice(0, 4)}…]"`,
        );
      }),
    );
  });
});
