import { generateCase } from '../test/reference/generate.ts';
import { productionRun } from '../test/reference/production.ts';
import { referenceRun } from '../test/reference/engine.ts';
const [id, from, to] = process.argv.slice(2);
const c = generateCase(Number(id));
const p = productionRun(c); const r = referenceRun({ ...c, engineVersion: p.engineVersion });
for (const [n, ev] of [['ours', p.events], ['ref', r.events]] as const) { console.log('==', n); for (const e of ev) if (e.t >= from! && e.t <= to!) console.log(JSON.stringify(e).slice(0, 260)); }
