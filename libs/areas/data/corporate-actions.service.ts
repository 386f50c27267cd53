import { Injectable } from '@nestjs/common';
import { Clock, DomainError, type FieldError, formatVtSymbol, parseVtSymbol, ValidationError } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { BarsService } from './bars.service.ts';
import { CorporateActionsRepository, type StoredAction } from './corporate-actions.repository.ts';
import type { AddActionBody } from './dto/actions.ts';

/** Corporate actions: what is said about one is kept, the newest known counts (data.md 14, A3). */
@Injectable()
export class CorporateActionsService {
  readonly #tx: TenantTransaction;
  readonly #clock: Clock;
  readonly #actions: CorporateActionsRepository;
  readonly #bars: BarsService;

  constructor(tx: TenantTransaction, clock: Clock, actions: CorporateActionsRepository, bars: BarsService) {
    this.#tx = tx;
    this.#clock = clock;
    this.#actions = actions;
    this.#bars = bars;
  }

  async history(ctx: WorkspaceContext, symbol: string, afterId: string | null, limit: number): Promise<StoredAction[]> {
    const { vt_symbol } = await this.#bars.instrument(ctx, symbol);
    return this.#tx.run(ctx, () => this.#actions.history(vt_symbol, afterId, limit));
  }

  /** Throws 404 `unknown_symbol`, 422 `validation_failed`, 409 `conflict` for the same statement again. */
  async add(ctx: WorkspaceContext, symbol: string, body: AddActionBody): Promise<StoredAction> {
    const { id } = await this.#bars.instrument(ctx, symbol);
    const now = this.#clock.now();
    const knownAt = body.known_at === undefined ? now : Date.parse(body.known_at);
    const errors = faults(body, knownAt > now);
    if (errors.length > 0) throw new ValidationError(errors);
    const added = await this.#tx.run(ctx, () => this.#actions.add(id, {
      kind: body.kind, ex_date: body.ex_date, ratio: body.ratio ?? null, cash_amount: body.cash_amount ?? null, currency: body.currency ?? null,
      new_vt_symbol: body.new_vt_symbol === undefined ? null : formatVtSymbol(parseVtSymbol(body.new_vt_symbol)), known_at: new Date(knownAt), source_id: 'api',
    }));
    if (!added) throw new DomainError(409, 'conflict', { detail: 'This action with this known_at is recorded already.' });
    return added;
  }
}

function faults({ kind, ratio, cash_amount, new_vt_symbol }: AddActionBody, fromTheFuture: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const required = (pointer: string): void => { errors.push({ pointer, code: 'required', message: `is required for a ${kind}` }); };
  if (kind === 'split' && ratio === undefined) required('/ratio');
  if (kind === 'dividend' && cash_amount === undefined) required('/cash_amount');
  if (kind === 'rename' && new_vt_symbol === undefined) required('/new_vt_symbol');
  if (fromTheFuture) errors.push({ pointer: '/known_at', code: 'range', message: 'must not be later than now' });
  return errors;
}
