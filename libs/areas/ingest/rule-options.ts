import { Injectable } from '@nestjs/common';
import { InstrumentRegistry } from '#areas/data';
import { Clock, EXCHANGES } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { type IngestRequest, intervalsOf } from './ingest-request.ts';
import type { BarRuleOptions } from './reading/bar-rule-options.ts';

/** What the rules of a request's rows need to know: its own options, and the instruments that are known. */
@Injectable()
export class RuleOptions {
  constructor(
    private readonly clock: Clock,
    private readonly registry: InstrumentRegistry,
  ) {}

  /** `intervals`: those of the target's table; a head whose table is not known yet is read with all. */
  async of(
    ctx: WorkspaceContext,
    { parse, mapping, validation, timezone, target }: IngestRequest,
    intervals = intervalsOf(target.table),
  ): Promise<BarRuleOptions> {
    return {
      timezone,
      fold: parse.fold ?? null,
      nullTokens: parse.null_tokens,
      thousands: parse.thousands ?? null,
      decimal: parse.decimal,
      epochUnit: parse.epoch_unit ?? null,
      dateFormat: parse.date_format ?? null,
      label: parse.label,
      exchange: mapping.constants['exchange'] ?? null,
      suffixes: mapping.suffixes ?? {},
      session: validation.session,
      intervals,
      exchanges: EXCHANGES,
      negativeAllowed: await this.registry.negativePriced(ctx),
      knownSymbols: validation.create_instruments ? null : await this.registry.symbols(ctx),
      now: this.clock.now(),
    };
  }
}
