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
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly actions: CorporateActionsRepository,
    private readonly bars: BarsService,
  ) {}

  async history(ctx: WorkspaceContext, symbol: string, afterId: string | null, limit: number): Promise<StoredAction[]> {
    const { vt_symbol } = await this.bars.instrument(ctx, symbol);
    return this.tx.run(ctx, () => this.actions.history(vt_symbol, afterId, limit));
  }

  /**
   * Throws 404 `unknown_symbol`, 422 `validation_failed`, 409 `conflict` for the same statement of one `known_at`
   * again. What stands already is answered and not stored a second time, unless `known_at` is given: when it became
   * known is then what is new.
   */
  async add(ctx: WorkspaceContext, symbol: string, body: AddActionBody): Promise<StoredAction> {
    const { id, vt_symbol } = await this.bars.instrument(ctx, symbol);
    const now = this.clock.now();
    const knownAt = body.known_at === undefined ? now : Date.parse(body.known_at);
    const errors = faults(body, knownAt > now);
    if (errors.length > 0) throw new ValidationError(errors);
    const newSymbol = body.new_vt_symbol === undefined ? null : formatVtSymbol(parseVtSymbol(body.new_vt_symbol));
    if (newSymbol === vt_symbol)
      throw new ValidationError([{ pointer: '/new_vt_symbol', code: 'range', message: 'must be another symbol' }]);
    const statement = {
      kind: body.kind,
      ex_date: body.ex_date,
      ratio: body.ratio ?? null,
      cash_amount: body.cash_amount ?? null,
      currency: body.currency ?? null,
      new_vt_symbol: newSymbol,
      known_at: new Date(knownAt),
      source_id: 'api',
    };
    const added = await this.tx.run(
      ctx,
      async () =>
        (body.known_at === undefined ? await this.actions.standing(id, statement) : null) ??
        this.actions.add(id, statement),
    );
    if (!added)
      throw new DomainError(409, 'conflict', { detail: 'This action with this known_at is recorded already.' });
    return added;
  }
}

function faults({ kind, ratio, cash_amount, new_vt_symbol }: AddActionBody, fromTheFuture: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const required = (pointer: string): void => {
    errors.push({ pointer, code: 'required', message: `is required for a ${kind}` });
  };
  if (kind === 'split' && ratio === undefined) required('/ratio');
  if (kind === 'dividend' && cash_amount === undefined) required('/cash_amount');
  if (kind === 'rename' && new_vt_symbol === undefined) required('/new_vt_symbol');
  if (kind === 'merger' && ratio === undefined && cash_amount === undefined) {
    errors.push({
      pointer: '/cash_amount',
      code: 'required',
      message: 'a merger needs a cash_amount, or a ratio with new_vt_symbol, or both',
    });
  }
  if (kind === 'merger' && ratio !== undefined && new_vt_symbol === undefined) {
    errors.push({
      pointer: '/new_vt_symbol',
      code: 'required',
      message: 'is required for a merger with a ratio: the symbol whose shares are received',
    });
  }
  if (fromTheFuture) errors.push({ pointer: '/known_at', code: 'range', message: 'must not be later than now' });
  return errors;
}
