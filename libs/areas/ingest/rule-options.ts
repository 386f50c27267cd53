import { Injectable } from '@nestjs/common';
import { InstrumentRegistry } from '#areas/data';
import { Clock, EXCHANGES } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { type IngestRequest, intervalsOf } from './ingest-request.ts';
import type { BarRuleOptions } from './reading/bar-rules.ts';

/** What the rules of a request's rows need to know: its own options, and the instruments that are known. */
@Injectable()
export class RuleOptions {
  readonly #clock: Clock;
  readonly #registry: InstrumentRegistry;

  constructor(clock: Clock, registry: InstrumentRegistry) {
    this.#clock = clock;
    this.#registry = registry;
  }

  async of(ctx: WorkspaceContext, { parse, validation, timezone, target }: IngestRequest): Promise<BarRuleOptions> {
    return {
      timezone, fold: parse.fold ?? null, nullTokens: parse.null_tokens, thousands: parse.thousands ?? null, decimal: parse.decimal, epochUnit: parse.epoch_unit ?? null,
      dateFormat: parse.date_format ?? null, session: validation.session, intervals: intervalsOf(target.table), exchanges: EXCHANGES,
      negativeAllowed: await this.#registry.negativePriced(ctx), knownSymbols: validation.create_instruments ? null : await this.#registry.symbols(ctx), now: this.#clock.now(),
    };
  }
}
