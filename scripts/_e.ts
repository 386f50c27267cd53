import { generateCase } from '../test/reference/generate.ts';
import { productionRun } from '../test/reference/production.ts';
try { productionRun(generateCase(Number(process.argv[2]))); } catch (e: any) { console.log(JSON.stringify(e.errors ?? e.options ?? e)); const i = /orders\/(\d+)/.exec(JSON.stringify(e.errors))?.[1]; const o = generateCase(Number(process.argv[2])).document.strategy.kwargs.execution_model.kwargs.orders; console.log(JSON.stringify(o.filter((x: any) => x.group_id === o[Number(i)].group_id))); }
