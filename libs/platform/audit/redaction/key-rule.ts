/** Names whose value is a secret (platform.md 7.5, Keys), lower-cased and without anything but letters and digits. */
const WHOLE_NAMES = new Set([
  'password', 'passwd', 'pwd', 'passphrase', 'secret', 'secrets', 'token', 'apikey', 'authorization', 'proxyauthorization', 'cookie', 'setcookie',
  'credential', 'credentials', 'privatekey', 'accesskey', 'secretkey', 'dsn', 'connectionstring', 'kubeconfig', 'assertion', 'clientassertion',
  'codeverifier', 'otp', 'recoverycodes', 'jwt', 'ticket',
]);

const ENDINGS = [
  'password', 'passwd', 'pwd', 'passphrase', 'secret', 'token', 'apikey', 'privatekey', 'accesskey', 'secretkey', 'accountkey', 'credential',
  'credentials', 'connectionstring', 'dsn', 'sig',
];

export type KeyVerdict = 'open' | 'secret' | 'token';

/** Names repeat endlessly; a verdict is worth keeping. Cleared when full, so hostile names cannot fill the memory. */
const verdicts = new Map<string, KeyVerdict>();
const KEPT_VERDICTS = 2_000;
const LONGEST_KEPT_NAME = 80;

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

/** Last two letters of every secret name: a cheap "no" for nearly every other name. */
const LAST_LETTERS = new Set([...WHOLE_NAMES, ...ENDINGS].map((name) => pairCode(name.charCodeAt(name.length - 2), name.charCodeAt(name.length - 1))));

/** False when the name that ends before `end` (not before `start`) is certainly open. Allocates nothing. */
export function mayBeSecretName(text: string, start: number, end: number): boolean {
  let last = 0;
  for (let index = end - 1; index >= start; index--) {
    const code = text.charCodeAt(index) | 0x20;
    const isLetter = code >= 0x61 && code <= 0x7a;
    if (!isLetter) {
      // A digit at the end rules every secret name out; `_ . -` do not count.
      if (isDigit(text.charCodeAt(index))) return false;
      continue;
    }
    if (last !== 0) return LAST_LETTERS.has(pairCode(code, last));
    last = code;
  }
  return false;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function pairCode(first: number, second: number): number {
  return first * 128 + second;
}
