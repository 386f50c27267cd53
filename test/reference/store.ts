import { vtSymbol } from './recipe.ts';
import { placeBars } from './slices.ts';
import type { ReferenceInput } from './input.ts';

/**
 * What a run gets from a store that holds these raw bars and actions (data.md 8.2, 14 A1): prices before an ex-date
 * divided by the ratio of a split and lowered by the share of a dividend in the close before it (cash is per share held
 * before a split of that day). Splits and dividends end there.
 */
export function fromStore(input: ReferenceInput, kwargs: Record<string, any>): ReferenceInput {
  if (!input.stored || kwargs.normalization === 'raw') return input;
  const placed = new Map<string, { session: string; close: number }[]>();
  const symbols = [...new Set(input.bars.map((bar) => vtSymbol(bar.vt_symbol)))];
  const sessions = new Map<(typeof input.bars)[number], string>();
  for (const symbol of symbols) {
    const rows = input.bars.filter((bar) => vtSymbol(bar.vt_symbol) === symbol);
    const own = rows
      .map((row) => ({ row, bar: placeBars([row], [symbol], { ...kwargs, end: null, extended_hours: true }).bars[0] }))
      .filter(({ bar }) => bar !== undefined);
    for (const { row, bar } of own) sessions.set(row, bar!.session);
    placed.set(
      symbol,
      own.map(({ bar }) => bar!),
    );
  }
  const bars = input.bars.map((row) => {
    const symbol = vtSymbol(row.vt_symbol);
    const own = placed.get(symbol)!;
    const newest = own.at(-1)?.session ?? '';
    let price = 1;
    let volume = 1;
    const due = input.actions!.filter(
      (action) =>
        vtSymbol(action.vt_symbol) === symbol && action.ex_date > (sessions.get(row) ?? '') && action.ex_date <= newest,
    );
    for (const action of due.sort((a, b) =>
      a.ex_date < b.ex_date ? -1 : a.ex_date > b.ex_date ? 1 : a.type < b.type ? -1 : 1,
    )) {
      if (action.type === 'split') {
        price *= 1 / action.ratio!;
        volume *= 1 / action.ratio!;
      } else if (action.type === 'dividend' && kwargs.normalization === 'adjusted') {
        const before = own.filter((bar) => bar.session < action.ex_date).at(-1);
        const factor = before ? 1 - action.amount! / before.close : 0;
        if (factor > 0) price *= factor;
      }
    }
    return {
      ...row,
      open: row.open * price,
      high: row.high * price,
      low: row.low * price,
      close: row.close * price,
      volume: row.volume === null || row.volume === undefined ? null : row.volume / volume,
    };
  });
  return {
    ...input,
    bars,
    actions: input.actions!.filter((action) => action.type !== 'split' && action.type !== 'dividend'),
  };
}
