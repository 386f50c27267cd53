import { decimal } from '../../decimal/index.ts';
import type { Breach } from './policy.ts';
import type { RiskLimits } from './risk-limits.ts';

const MESSAGE = 1_000;

/**
 * Token bucket and day count of R10 on the session clock. The bucket is in thousandths of a message, so that ms·rate is
 * exact.
 */
export class MessageBudget {
  readonly #rate: decimal.Exact | null;
  readonly #burst: number | null;
  readonly #perDay: number | null;
  #tokens: decimal.Exact;
  #at: number | null = null;
  #day = -1;
  #today = 0;

  constructor(limits: Pick<RiskLimits, 'max_messages_per_s' | 'message_burst' | 'max_messages_per_day'>) {
    const bounded = limits.max_messages_per_s !== null && limits.message_burst !== null;
    this.#rate = bounded ? decimal.exact(limits.max_messages_per_s!) : null;
    this.#burst = bounded ? limits.message_burst : null;
    this.#perDay = limits.max_messages_per_day;
    this.#tokens = decimal.units((this.#burst ?? 0) * MESSAGE, 0);
  }

  /** Would one more message, at this instant (ms) of this session (days since 1970), be too many? */
  breach(now: number, day: number): Breach | null {
    this.#advance(now, day);
    if (this.#burst !== null && decimal.compare(this.#tokens, decimal.units(MESSAGE, 0)) < 0) {
      const spent = decimal.subtract(decimal.units((this.#burst + 1) * MESSAGE, 0), this.#tokens);
      return {
        code: 'message_rate',
        value: decimal.toNumber({ n: spent.n, scale: spent.scale + 3 }),
        limit: this.#burst,
      };
    }
    return this.#perDay !== null && this.#today + 1 > this.#perDay
      ? { code: 'message_rate', value: this.#today + 1, limit: this.#perDay }
      : null;
  }

  /** A message was sent. A cancel is never refused: it takes what is left of a token. */
  take(now: number, day: number): void {
    this.#advance(now, day);
    this.#today++;
    if (this.#burst === null) return;
    const left = decimal.subtract(this.#tokens, decimal.units(MESSAGE, 0));
    this.#tokens = left.n < 0 ? decimal.units(0, 0) : left;
  }

  #advance(now: number, day: number): void {
    if (day !== this.#day) {
      this.#day = day;
      this.#today = 0;
    }
    if (this.#rate !== null && this.#at !== null && now > this.#at) {
      const full = decimal.units(this.#burst! * MESSAGE, 0);
      const grown = decimal.add(this.#tokens, decimal.multiply(decimal.exact(now - this.#at), this.#rate));
      this.#tokens = decimal.compare(grown, full) > 0 ? full : grown;
    }
    this.#at = now;
  }
}
