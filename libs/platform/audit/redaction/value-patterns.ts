import { markerOf } from './markers.ts';

/*
 * The shapes of secrets that stand in free text (platform.md 7.5, Values). Every function is linear: a failed attempt
 * is bounded, or it starts only where no earlier attempt has looked. None needs a boundary on its right, so cutting a
 * text cannot make a new match.
 */

const PEM_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const PEM_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;

/** PEM private keys; one without an end is masked to the end of the text. */
export function maskPrivateKeys(text: string): string {
  if (!text.includes('PRIVATE KEY')) return text;
  let masked = '';
  let from = 0;
  PEM_BEGIN.lastIndex = 0;
  for (let begin = PEM_BEGIN.exec(text); begin; begin = PEM_BEGIN.exec(text)) {
    PEM_END.lastIndex = PEM_BEGIN.lastIndex;
    const end = PEM_END.exec(text);
    masked +=
      text.slice(from, begin.index) + markerOf(text.slice(begin.index, end ? end.index + end[0].length : undefined));
    if (!end) return masked;
    from = PEM_BEGIN.lastIndex = end.index + end[0].length;
  }
  return masked + text.slice(from);
}

/** Starts only where a run starts: tried at each of its characters it would be quadratic. */
const DOTTED_RUN = /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2,}/g;
const SHORTEST_TOKEN_HEADER = 8;

/**
 * JSON Web Tokens: `eyJ` is `{"` in base64url. Signed ones have three segments, encrypted ones five, unsigned ones an
 * empty last one.
 */
export function maskWebTokens(text: string): string {
  if (!text.includes('eyJ')) return text;
  return text.replace(DOTTED_RUN, (run) => {
    const start = tokenStart(run);
    return start < 0 ? run : run.slice(0, start) + markerOf(run.slice(start));
  });
}

/** Index of the first header that two more segments follow, the first of them not empty; -1 without one. */
function tokenStart(run: string): number {
  const segments = run.split('.');
  let offset = 0;
  for (let index = 0; index + 2 < segments.length; index++) {
    const header = segments[index]!.indexOf('eyJ');
    if (header >= 0 && segments[index]!.length - header >= SHORTEST_TOKEN_HEADER && segments[index + 1] !== '')
      return offset + header;
    offset += segments[index]!.length + 1;
  }
  return -1;
}

const USER_INFO = /:(?<=[A-Za-z0-9+.-]:)\/\/([^/?#\s"'<>]+)@/g;

/** `scheme://user:password@host`: what is before the last `@` of the authority. */
export function maskUserInfo(text: string): string {
  return text.includes('://') ? text.replace(USER_INFO, (_, secret: string) => `://${markerOf(secret)}@`) : text;
}

const SEXTET = '[A-Za-z0-9+/_-]';
/** Base64 digits that hold 0x3A, the colon, as first, second or third byte of a group of four. */
const COLON = `(?:O[g-v]|${SEXTET}[DTjz][o-r]|${SEXTET}{2}[AEIMQUYcgkosw048]6)`;
const BASIC = new RegExp(`([Bb][Aa][Ss][Ii][Cc][ \\t]+)(?=(?:${SEXTET}{4})*${COLON})(${SEXTET}+={0,2})`, 'g');

/** `Basic` credentials: base64 of something with a colon. */
export function maskBasicCredentials(text: string): string {
  return text.replace(BASIC, (_, scheme: string, secret: string) => scheme + markerOf(secret));
}

const BEARER = /(bearer[ \t]+)([A-Za-z0-9._~+/=-]{8,})/gi;

/**
 * `Bearer` tokens: eight characters with a digit or punctuation among them, or twenty of any kind. Leaves "Bearer
 * authentication" alone.
 */
export function maskBearerTokens(text: string): string {
  return text.replace(BEARER, (found, scheme: string, token: string) =>
    token.length >= 20 || /[^A-Za-z]/.test(token) ? scheme + markerOf(token) : found,
  );
}

/**
 * After a letter or digit a prefix is part of a word (`task-…`), unless that letter belongs to an escape such as \n or
 * %20.
 */
const WORD_START = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=%[0-9A-Fa-f]{2}))`;
const VENDOR_KEY = new RegExp(
  `${WORD_START}(?:${[
    'A[KS]IA[A-Z0-9]{16,}',
    'gh[A-Za-z0-9]_[A-Za-z0-9]{16,}',
    'github_pat_[A-Za-z0-9_]{16,}',
    'glpat-[A-Za-z0-9_-]{16,}',
    'xox[A-Za-z0-9]-[A-Za-z0-9-]{10,}',
    'sk_live_[A-Za-z0-9]{16,}',
    'sk-[A-Za-z0-9_-]{20,}',
    'AIza[A-Za-z0-9_-]{35,}',
    String.raw`hvs\.[A-Za-z0-9_-]{20,}`,
  ].join('|')})`,
  'g',
);

/** Keys that vendors mark by a prefix. */
export function maskVendorKeys(text: string): string {
  return text.replace(VENDOR_KEY, (key) => markerOf(key));
}
