import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { componentCatalog } from '#quant/models';

/** Costs are described in trading.md 7.4, not in the table of models. */
const ELSEWHERE = ['slippage', 'commission'];

it('the models of trading.md 7.2 are in the catalogue, but for those that are said to be not built yet', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/specification/trading.md'), 'utf8');
  const table = text
    .slice(text.indexOf('**7.2 '), text.indexOf('**7.3 '))
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1);
  const names = (cell: string): string[] => cell.replace(/\([^)]*\)/g, '').match(/\b[A-Z][A-Za-z]+\b/g) ?? [];
  const built = table.flatMap((row) => {
    const mark = / Not built yet(?:: ([^|.]*))?\. \|$/.exec(row);
    if (mark && mark[1] === undefined) return [];
    const missing = names(mark?.[1] ?? '');
    return names(row.split('|')[1]!).filter((name) => !missing.includes(name));
  });
  expect(built.sort()).toEqual(
    componentCatalog()
      .filter(({ stage }) => !ELSEWHERE.includes(stage))
      .map((entry) => entry.class)
      .sort(),
  );
});
