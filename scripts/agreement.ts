import { parseArgs } from 'node:util';
import { checkCase, describeVerdict, material } from '../test/reference/agreement.ts';
import { logHashOf, record, recordedCase, recordedLogs } from '../test/reference/recorded.ts';
import { generateCase } from '../test/reference/generate.ts';

/** `node --conditions=source scripts/agreement.ts --from 0 --count 1000 [--verbose] [--show ID]`: the production engine against the naive reference on seeded recipes. */
const { values } = parseArgs({
  options: { from: { type: 'string', default: '0' }, count: { type: 'string', default: '300' }, recorded: { type: 'boolean', default: false }, record: { type: 'string' }, verbose: { type: 'boolean', default: false }, show: { type: 'string' } },
});
if (values.show !== undefined) console.log(JSON.stringify(generateCase(Number(values.show)), null, 1));
if (values.record !== undefined) record(Number(values.record));
if (values.recorded) {
  const logs = recordedLogs();
  const changed = logs.filter(({ id, hash }) => logHashOf(recordedCase(id)!) !== hash).map(({ id }) => id);
  console.log(`${logs.length - changed.length} of ${logs.length} recorded event logs are equal${changed.length > 0 ? `; not: ${changed.slice(0, 20).join(' ')}` : ''}`);
  process.exit(changed.length > 0 ? 1 : 0);
}
const from = Number(values.from);
const count = values.show === undefined ? Number(values.count) : 0;
const categories = new Map<string, number[]>();
let agreed = 0;
let ulps = 0;
let fills = 0;
for (let id = from; id < from + count; id++) {
  const verdict = checkCase(id);
  fills += verdict.fills;
  const found = material(verdict);
  if (verdict.failure === null && found.length === 0) {
    agreed++;
    if (verdict.differences.length > 0) ulps++;
    continue;
  }
  const key = verdict.failure === null ? `${found[0]!.artifact}.${found[0]!.field ?? found[0]!.index}` : `failure: ${verdict.failure.split('\n')[0]}`;
  categories.set(key, [...(categories.get(key) ?? []), id]);
  if (values.verbose) console.log(describeVerdict(verdict));
}
for (const [key, ids] of [...categories].sort((a, b) => b[1].length - a[1].length)) console.log(`${ids.length}\t${key}\t${ids.slice(0, 12).join(' ')}`);
if (values.show === undefined) console.log(`${agreed} of ${count} agree (${ulps} of them but for the last bits of a double), ${fills} fills compared`);
if (agreed < count) process.exitCode = 1;
