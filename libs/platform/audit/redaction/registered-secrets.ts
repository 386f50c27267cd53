import { REDACTED, TRUNCATED } from './markers.ts';

const SHORTEST_FORM = 8;
/** A form inside a marker would be masked in the marker that masks it, without end. */
const MARKERS = `${REDACTED} ${TRUNCATED}`;

interface Matcher {
  /** Undefined where nothing is held. */
  readonly pattern: RegExp | undefined;
  readonly longest: number;
}

/**
 * Secrets that requests and runs have resolved and still hold. Each is masked by exact match in all forms in which it
 * may reappear: as it is, JSON-escaped, URL-encoded, base64 and base64url. Forms shorter than 8 characters are too
 * common to be masked.
 */
export class RegisteredSecrets {
  /** How many runs hold each. */
  readonly #holders = new Map<string, number>();
  /** Undefined after a change: it is made again for the next text. */
  #matcher: Matcher | undefined;

  /** Masks the secret until the returned function is called, and as long as somebody else has registered it. */
  register(secret: string): () => void {
    this.#hold(secret, 1);
    let held = true;
    return () => {
      if (held) this.#hold(secret, -1);
      held = false;
    };
  }

  mask(text: string): string {
    const { pattern } = this.#current();
    return pattern ? text.replace(pattern, REDACTED) : text;
  }

  /**
   * Characters that a chunked text must hold back, so that a secret across two chunks is found: the longest form but
   * one.
   */
  get overlap(): number {
    return Math.max(0, this.#current().longest - 1);
  }

  #hold(secret: string, change: 1 | -1): void {
    const count = (this.#holders.get(secret) ?? 0) + change;
    if (count === 0) this.#holders.delete(secret);
    else this.#holders.set(secret, count);
    this.#matcher = undefined;
  }

  #current(): Matcher {
    return (this.#matcher ??= matcherOf(this.#holders.keys()));
  }
}

/**
 * The one registry of this process, by which everything is masked that leaves it: logs, answers, frames and audit. What
 * one run has resolved, another one's error may repeat.
 */
export const resolvedSecrets = new RegisteredSecrets();

function matcherOf(secrets: Iterable<string>): Matcher {
  const forms = new Set([...secrets].flatMap(formsOf));
  // Longest first: the padded form must win over its prefix.
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  return {
    pattern: ordered.length > 0 ? new RegExp(ordered.map((form) => escapePattern(form)).join('|'), 'g') : undefined,
    longest: ordered[0]?.length ?? 0,
  };
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret, 'utf8').toString('base64');
  const unpadded = base64.replace(/=+$/, '');
  const wellFormed = secret.toWellFormed();
  const forms = [
    secret,
    wellFormed.replaceAll('\0', '\uFFFD'),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(wellFormed),
    base64,
    unpadded,
    unpadded.replaceAll('+', '-').replaceAll('/', '_'),
  ];
  return forms.filter((form) => form.length >= SHORTEST_FORM && !MARKERS.includes(form));
}

/** Masks a text that arrives in chunks. What `push` and `end` return, joined, is what `mask` returns for the whole. */
export class SecretMaskingStream {
  readonly #secrets: RegisteredSecrets;
  #held = '';

  constructor(secrets: RegisteredSecrets) {
    this.#secrets = secrets;
  }

  push(chunk: string): string {
    const text = this.#secrets.mask(this.#held + chunk);
    const ready = Math.max(0, text.length - this.#secrets.overlap);
    this.#held = text.slice(ready);
    return text.slice(0, ready);
  }

  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
