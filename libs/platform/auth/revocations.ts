import { Injectable } from '@nestjs/common';
import { Clock, UnavailableError, sha256Hex } from '#kernel';
import { Turn } from '#platform/database';
import { type RevocationKey, type RevocationRow, RevocationsRepository } from './revocations.repository.ts';
import { TokenRejectedError } from './token/token-rejection.ts';
import type { VerifiedToken } from './token/trust-entry.ts';

/** A snapshot older than this is read again before it is used; a busier process reads ahead of it. */
const FRESH_MS = 1_000;
const READ_AHEAD_MS = 500;
/** With the database away plain reads go on this long. */
const STALE_MS = 60_000;

/** Has this token, its subject or its tenant been revoked? (platform.md 3.7) */
@Injectable()
export class Revocations {
  readonly #questions = new Turn((questions: readonly (readonly RevocationKey[])[]) => this.#askFor(questions));
  #rows: ReadonlyMap<string, number> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(
    private readonly repository: RevocationsRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Throws TokenRejectedError `revoked`. `strict` (mutations and step-up) asks PostgreSQL; reads use a snapshot of this
   * process. 503 `revocation_unavailable` when neither can be had.
   */
  async check(token: VerifiedToken, strict: boolean): Promise<void> {
    const keys = revocationKeys(token);
    const found = strict ? await this.#ask(keys) : await this.#fromSnapshot(keys);
    const refused = found.some(({ kind, notBefore }) => kind === 'token' || token.facts.issuedAt <= notBefore);
    if (refused) throw new TokenRejectedError('revoked', token.facts.provider);
  }

  async #ask(keys: readonly RevocationKey[]): Promise<readonly RevocationRow[]> {
    try {
      return await this.#questions.put(keys);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async #askFor(questions: readonly (readonly RevocationKey[])[]): Promise<RevocationRow[][]> {
    const rows = await this.repository.matching(questions.flat());
    return questions.map((keys) =>
      rows.filter((row) => keys.some(({ kind, key }) => row.kind === kind && row.key === key)),
    );
  }

  async #fromSnapshot(keys: readonly RevocationKey[]): Promise<readonly RevocationRow[]> {
    const age = this.clock.now() - this.#readAt;
    if (age > READ_AHEAD_MS) {
      const reading = this.#read();
      if (age > FRESH_MS)
        await reading.catch((error: unknown) => {
          if (age > STALE_MS) throw unavailable(error);
        });
      else reading.catch(() => undefined);
    }
    return keys.flatMap(({ kind, key }) => {
      const notBefore = this.#rows.get(`${kind} ${key}`);
      return notBefore === undefined ? [] : [{ kind, key, notBefore }];
    });
  }

  #read(): Promise<void> {
    this.#reading ??= this.#load().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #load(): Promise<void> {
    const asked = this.clock.now();
    const rows = await this.repository.unexpired();
    this.#rows = new Map(rows.map(({ kind, key, notBefore }) => [`${kind} ${key}`, notBefore]));
    this.#readAt = asked;
  }
}

/** Keys under which a token can be revoked. */
export function revocationKeys({ facts: { issuer, subject }, tokenId, tenant }: VerifiedToken): RevocationKey[] {
  return [
    subjectKey(issuer, subject),
    ...(tokenId === null ? [] : [tokenKey(issuer, tokenId)]),
    ...(tenant === null ? [] : [tenantKey(tenant)]),
  ];
}

/** Everything that an issuer says of one subject. */
export function subjectKey(issuer: string, subject: string): RevocationKey {
  return { kind: 'subject', key: sha256Hex(`${issuer}\n${subject}`) };
}

/** One token of an issuer by its `jti` or `uti`. */
export function tokenKey(issuer: string, tokenId: string): RevocationKey {
  return { kind: 'token', key: sha256Hex(`${issuer}\n${tokenId}`) };
}

/** Everything of one directory tenant. */
export function tenantKey(tenant: string): RevocationKey {
  return { kind: 'tenant', key: sha256Hex(tenant) };
}

function unavailable(cause: unknown): UnavailableError {
  return new UnavailableError(
    'revocation_unavailable',
    'Whether the token was revoked cannot be told at the moment.',
    2,
    cause,
  );
}
