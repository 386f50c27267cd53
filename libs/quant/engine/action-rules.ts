import type { BacktestKwargs } from '../recipe/index.ts';
import { BacktestFailure } from './failure.ts';
import type { CorporateAction } from './types.ts';

/** Of one date: cash is per share held before the split, and what moves or ends a position comes last. */
const ORDER = { dividend: 0, split: 1, rename: 2, merger: 3, delisting: 4 } as const;

/** Actions in the order in which those of one slice are posted: by date, kind and symbol. */
export function sortActions(actions: readonly CorporateAction[]): CorporateAction[] {
  return [...actions].sort((a, b) => {
    const [x, y] = [`${a.ex_date} ${ORDER[a.type]} ${a.vt_symbol}`, `${b.ex_date} ${ORDER[b.type]} ${b.vt_symbol}`];
    return x < y ? -1 : x > y ? 1 : 0;
  });
}

/**
 * Splits and dividends belong to raw prices only; a merger pays, converts, or both. Throws BacktestFailure
 * `double_adjustment`, `bad_input`.
 */
export function requirePostable(
  actions: readonly CorporateAction[],
  normalization: BacktestKwargs['normalization'],
): void {
  if (normalization !== 'raw' && actions.some(({ type }) => type === 'split' || type === 'dividend'))
    throw new BacktestFailure(
      'double_adjustment',
      'Splits and dividends are posted on raw data only; these prices are adjusted already.',
      {
        errors: [
          {
            pointer: '/config/backtest/kwargs/normalization',
            code: 'double_adjustment',
            message: 'accepted with splits and dividends: raw',
          },
        ],
      },
    );
  for (const action of actions) {
    if (action.type !== 'merger') continue;
    if (
      (action.ratio === undefined) === (action.new_vt_symbol === undefined) &&
      (action.amount !== undefined || action.ratio !== undefined)
    )
      continue;
    throw new BacktestFailure(
      'bad_input',
      `The merger of ${action.vt_symbol} needs an amount, or a ratio with new_vt_symbol, or all three.`,
    );
  }
}
