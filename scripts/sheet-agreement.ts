import { parseArgs } from 'node:util';
import { MARKETS, checkSheet } from '../libs/areas/backtests/report/testing/sheet-agreement.ts';

/**
 * `npm run agreement:sheets -- --from 1 --count 100`: rows, metrics, plots and tear sheet of seeded runs against each
 * other, so many of every calendar.
 */
const { values } = parseArgs({
  options: { from: { type: 'string', default: '1' }, count: { type: 'string', default: '100' } },
});
const [from, count] = [Number(values.from), Number(values.count)];
let failed = 0;
for (const market of MARKETS) {
  let agreed = 0;
  for (let seed = from; seed < from + count; seed++) {
    const found = checkSheet(market, seed);
    if (found.length === 0) agreed++;
    else console.log(found.slice(0, 5).join('\n'));
  }
  failed += count - agreed;
  console.log(`${market.name}: ${agreed} of ${count} agree`);
}
if (failed > 0) process.exitCode = 1;
