/** Names whose value is a secret (platform.md 7.5, Keys), lower-cased and without anything but letters and digits. */
const WHOLE_NAMES = new Set([
  'password',
  'passwd',
  'pwd',
  'passphrase',
  'secret',
  'secrets',
  'token',
  'apikey',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'credential',
  'credentials',
  'privatekey',
  'accesskey',
  'secretkey',
  'dsn',
  'connectionstring',
  'kubeconfig',
  'assertion',
  'clientassertion',
  'codeverifier',
  'otp',
  'recoverycodes',
  'jwt',
  'ticket',
]);

const ENDINGS = [
  'password',
  'passwd',
  'pwd',
  'passphrase',
  'secret',
  'token',
  'apikey',
  'privatekey',
  'accesskey',
  'secretkey',
  'accountkey',
  'credential',
  'credentials',
  'connectionstring',
  'dsn',
  'sig',
];

export type KeyVerdict = 'open' | 'secret' | 'token';

/** Names repeat endlessly; a verdict is worth keeping. Cleared when full, so hostile names cannot fill the memory. */
const verdicts = new Map<string, KeyVerdict>();
const KEPT_VERDICTS = 2_000;
const LONGEST_KEPT_NAME = 80;

const UNDERSCORE = 0x5f;
const DOT = 0x2e;
const HYPHEN = 0x2d;

/** Whether a key names a secret. `token`: a secret unless its value is a number, as in `"token": 12`. */
export function judgeKey(key: string): KeyVerdict {
  const known = verdicts.get(key);
  if (known !== undefined) return known;
  const verdict = decide(key);
  if (key.length <= LONGEST_KEPT_NAME) {
    if (verdicts.size >= KEPT_VERDICTS) verdicts.clear();
    verdicts.set(key, verdict);
  }
  return verdict;
}

function decide(key: string): KeyVerdict {
  const name = key.toLowerCase().replace(/[^a-z0-9]+/g, '');
  if (!WHOLE_NAMES.has(name) && !ENDINGS.some((ending) => name.endsWith(ending))) return 'open';
  return name.endsWith('token') ? 'token' : 'secret';
}

/** Last two letters of every secret name, at `first * 128 + second`: a cheap "no" for nearly every other name. */
const LAST_LETTERS = new Uint8Array(128 * 128);
for (const name of [...WHOLE_NAMES, ...ENDINGS])
  LAST_LETTERS[name.charCodeAt(name.length - 2) * 128 + name.charCodeAt(name.length - 1)] = 1;

/** False when the name that ends before `end` (and starts at `floor` or later) is certainly open. Allocates nothing. */
export function mayBeSecretName(text: string, floor: number, end: number): boolean {
  let last = 0;
  for (let index = end - 1; index >= floor; index--) {
    const code = text.charCodeAt(index);
    const letter = code | 0x20;
    if (letter >= 0x61 && letter <= 0x7a && code < 128) {
      if (last !== 0) return LAST_LETTERS[letter * 128 + last] === 1;
      last = letter;
    } else if (code !== UNDERSCORE && code !== DOT && code !== HYPHEN) {
      // A digit at the end rules every secret name out; anything else is no part of a name.
      return false;
    }
  }
  return false;
}
