import { DomainError, type DomainErrorOptions } from '#kernel';

/**
 * A run that cannot go on or never could: `no_data`, `look_ahead`, `cancelled`, `double_adjustment`, `budget_exceeded`,
 * `bad_input`.
 */
export class BacktestFailure extends DomainError {
  constructor(
    code: 'no_data' | 'look_ahead' | 'cancelled' | 'double_adjustment' | 'budget_exceeded' | 'bad_input',
    detail: string,
    options: Omit<DomainErrorOptions, 'detail'> = {},
  ) {
    super(code === 'cancelled' ? 409 : 422, code, { detail, ...options });
  }
}

/** A model asked for values that are not known yet. */
export class LookAheadError extends BacktestFailure {
  constructor(detail: string) {
    super('look_ahead', detail);
  }
}
