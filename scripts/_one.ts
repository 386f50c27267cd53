import { checkCase, describeVerdict } from '../test/reference/agreement.ts';
for (const id of process.argv.slice(2)) console.log(describeVerdict(checkCase(Number(id))).split('\n').map((l) => l.slice(0, 700)).join('\n'));
