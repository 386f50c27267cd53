import { checkCase, describeVerdict, material } from '../test/reference/agreement.ts';
for (const id of process.argv.slice(2)) { const v = checkCase(Number(id)); const m = material(v); console.log(describeVerdict({ ...v, differences: [...m.slice(0, 2), ...m.filter((d) => d.artifact === 'events').slice(0, 1)] }).split('\n').map((l) => l.slice(0, 800)).join('\n')); }
