import { REDACTED, TRUNCATED } from './markers.ts';

const SHORTEST_FORM = 8;
/** A form inside a marker would be masked in the marker that masks it, without end. */
const MARKERS = `${REDACTED} ${TRUNCATED}`;

/**
 * The secrets that one request or run has resolved. Each is masked by exact match in all forms in which it may
 * reappear: as it is, JSON-escaped, URL-encoded, base64 and base64url. Forms shorter than 8 characters are too common
 * to be masked.
 */
export class RegisteredSecrets {
  readonly #forms = new Set<string>();
  #pattern: RegExp | undefined;
  #longest = 0;

  register(secret: string): void {
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
    for (const form of forms) if (form.length >= SHORTEST_FORM && !MARKERS.includes(form)) this.#forms.add(form);
    // Longest first: the padded form must win over its prefix.
    const ordered = [...this.#forms].sort((a, b) => b.length - a.length);
    this.#longest = ordered[0]?.length ?? 0;
    this.#pattern =
      ordered.length > 0 ? new RegExp(ordered.map((form) => escapePattern(form)).join('|'), 'g') : undefined;
  }

  mask(text: string): string {
    return this.#pattern ? text.replace(this.#pattern, REDACTED) : text;
  }

  /**
   * Characters that a chunked text must hold back, so that a secret across two chunks is found: the longest form but
   * one.
   */
  get overlap(): number {
    return Math.max(0, this.#longest - 1);
  }
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
