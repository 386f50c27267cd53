import { Strategy, type VerifiedCallback } from 'passport-jwt';
import type { Clock } from '#kernel';
import type { CompactToken } from './compact-token.ts';
import { TokenRejectedError } from './token-rejection.ts';
import type { TokenClaims, TrustEntry, TrustedKey } from './trust-entry.ts';

/** What an entry found in a token, and the key that verified it. */
export interface Judgement {
  readonly claims: TokenClaims;
  readonly key: TrustedKey;
}

/** One token on its way through the strategy. */
interface Presented {
  readonly token: string;
  readonly compact: CompactToken;
}

const MIN_RSA_BITS = 2_048;

/**
 * passport-jwt with the key and the claim rules of one trust entry: steps 4 and 5 of platform.md 3.2. Not registered
 * with passport, whose registry is one per process. Expiry and `nbf` are rows of the entry's own table.
 */
export class TokenStrategy {
  readonly #strategy: Strategy;

  constructor(
    readonly entry: TrustEntry,
    private readonly clock: Clock,
  ) {
    this.#strategy = new Strategy(
      {
        passReqToCallback: true,
        jwtFromRequest: (presented: unknown) => (presented as Judging).token,
        secretOrKeyProvider: (presented: Judging, _token, done) => {
          // Its types know no KeyObject, which spares a parse of PEM for each token.
          this.#keyFor(presented)
            .then((key) => done(null, key as unknown as Buffer))
            .catch(done);
        },
        algorithms: [...entry.algorithms] as never,
        ignoreExpiration: true,
        jsonWebTokenOptions: { ignoreNotBefore: true },
      },
      (presented: Judging, _payload: unknown, done: VerifiedCallback) => done(null, this.#judge(presented)),
    );
  }

  /** Throws TokenRejectedError, or UnavailableError when the issuer's keys cannot be had. */
  judge(presented: Presented): Promise<Judgement> {
    const { provider } = this.entry;
    return new Promise((resolve, reject) => {
      // As passport does: the strategy answers by methods of the one object that runs.
      const running = Object.assign(Object.create(this.#strategy) as Strategy, {
        success: resolve as (judgement: unknown) => void,
        error: reject,
        fail: (error: unknown) => reject(refusal(error, provider)),
      });
      running.authenticate(new Judging(presented) as never);
    });
  }

  async #keyFor(judging: Judging): Promise<TrustedKey['key']> {
    const { keyId, issuer, algorithm } = judging.compact;
    const key = await this.entry.key(keyId, issuer);
    if (!key) throw new TokenRejectedError('unknown_key', this.entry.provider);
    if (!fits(key, algorithm)) throw new TokenRejectedError('key_mismatch', this.entry.provider);
    judging.key = key;
    return key.key;
  }

  #judge({ compact, key }: Judging): Judgement {
    const claims = this.entry.claims(compact.payload, Math.floor(this.clock.now() / 1000));
    if (typeof claims === 'string') throw new TokenRejectedError(claims, this.entry.provider);
    if (!key) throw new Error('A token has been judged without a key.');
    return { claims, key };
  }
}

class Judging implements Presented {
  readonly token: string;
  readonly compact: CompactToken;
  key: TrustedKey | undefined;

  constructor({ token, compact }: Presented) {
    this.token = token;
    this.compact = compact;
  }
}

/** What is no refusal of ours and no outage is jsonwebtoken's word that the signature is wrong. */
function refusal(error: unknown, provider: string): unknown {
  return error instanceof Error && error.name === 'JsonWebTokenError'
    ? new TokenRejectedError('signature', provider, error)
    : error;
}

/** Do the key's type, size and declared use fit the algorithm? */
function fits({ key, algorithm: declared, use }: TrustedKey, algorithm: string): boolean {
  if (declared !== undefined && declared !== algorithm) return false;
  if (use !== undefined && use !== 'sig') return false;
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (algorithm === 'ES256') return key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1';
  return key.asymmetricKeyType === 'rsa' && modulusLength >= MIN_RSA_BITS;
}
