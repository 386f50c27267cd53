import { MARKETS, checkSheet } from './testing/sheet-agreement.ts';

// `npm run agreement:sheets` takes a hundred of each.
const SEEDS = [1];

describe('rows, metrics, plots and page of one run agree to the digit', () => {
  it.each(MARKETS.map((market) => [market.name, market] as const))('%s', (_, market) => {
    expect(SEEDS.flatMap((seed) => checkSheet(market, seed))).toEqual([]);
  });
});
