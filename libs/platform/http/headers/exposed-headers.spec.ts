import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXPOSED_HEADERS } from './response-headers.ts';

const ROOT = join(import.meta.dirname, '../../../..');
/** Readable by every script, of the connection, or said to the browser alone. */
const NOT_FOR_SCRIPTS = [
  'Cache-Control',
  'Connection',
  'Content-Encoding',
  'Content-Length',
  'Content-Security-Policy',
  'Content-Type',
  'Vary',
  'X-Content-Type-Options',
];
/**
 * `setHeader('Name'`, `.header('Name'`, `@Header('Name'`, and the headers of refusals and rates: `headers: { Name: …`
 * and `'Name': …`.
 */
const SET = [
  /(?:setHeader|appendHeader|\.header|@Header)\(\s*'([\w-]+)'/g,
  /(?:headers[:=] |headers: Record<string, string> = )\{ '?([A-Z][\w-]+)'?:/g,
  /\b'?((?:X|RateLimit|Alphaswarm|WWW)(?:-[A-Z][\w-]*)?)'?:/g,
];

describe('CORS', () => {
  it('F13: exposes every header that the source sets', () => {
    const files = globSync('{apps,libs}/**/*.ts', { cwd: ROOT }).filter(
      (file) => !/\.spec\.ts$|testing|\.requests\.ts$/.test(file) && !file.startsWith('libs/quant'),
    );
    const set = new Set(
      files.flatMap((file) =>
        SET.flatMap((pattern) =>
          [...readFileSync(join(ROOT, file), 'utf8').matchAll(pattern)].map((match) => match[1]!),
        ),
      ),
    );
    expect([...set].filter((name) => /^[A-Z]/.test(name))).toEqual(
      expect.arrayContaining(['ETag', 'Location', 'X-Next-Cursor', 'X-Event-Log-Hash', 'Retry-After', 'RateLimit']),
    );
    const hidden = [...set].filter(
      (name) => !EXPOSED_HEADERS.includes(name) && !NOT_FOR_SCRIPTS.includes(name) && /^[A-Z]/.test(name),
    );
    expect(hidden).toEqual([]);
  });
});
