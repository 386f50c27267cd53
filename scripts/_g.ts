import { generateCase } from '../test/reference/generate.ts';
import { productionRun } from '../test/reference/production.ts';
const c = generateCase(Number(process.argv[2]));
console.log(JSON.stringify({ ...c.document.strategy.kwargs, b: c.document.backtest.kwargs, a: c.actions, i: c.instruments, stored: c.stored }).slice(0, 3000));
const r = productionRun(c);
console.log(r.equity.slice(0, 12).map((e: any) => [e.session_date, e.ts, e.equity].join(' ')).join('\n'));
