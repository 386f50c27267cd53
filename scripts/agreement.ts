import { parseArgs } from 'node:util';
import { checkCase, describeVerdict, material } from '../test/reference/agreement.ts';
import { generateCase } from '../test/reference/generate.ts';
import { checkLookAhead } from '../test/reference/look-ahead.ts';
import { logHashOf, record, recordedCase, recordedLogs } from '../test/reference/recorded.ts';

/**
 * `npm run agreement -- --from 0 --count 5000 [--verbose]`: the production engine against the naive reference on seeded
 * recipes over one to five calendars; `--look-ahead --count 2000`: no look-ahead in universes of two to five calendars;
 * `--recorded`: event logs of one exchange as they were recorded; `--record 2000` writes them; `--show ID` prints a
 * recipe.
 */
const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '0' },
    count: { type: 'string', default: '300' },
    verbose: { type: 'boolean', default: false },
    show: { type: 'string' },
    recorded: { type: 'boolean', default: false },
    record: { type: 'string' },
    'look-ahead': { type: 'boolean', default: false },
  },
});
const from = Number(values.from);
const count = Number(values.count);

function agreement(): boolean {
  const categories = new Map<string, number[]>();
  let [agreed, ulps, fills] = [0, 0, 0];
  for (let id = from; id < from + count; id++) {
    const verdict = checkCase(id);
    fills += verdict.fills;
    const found = material(verdict);
    if (verdict.failure === null && found.length === 0) {
      agreed++;
      if (verdict.differences.length > 0) ulps++;
      continue;
    }
    const key =
      verdict.failure === null
        ? `${found[0]!.artifact}.${found[0]!.field ?? found[0]!.index}`
        : `failure: ${verdict.failure.split('\n')[0]}`;
    categories.set(key, [...(categories.get(key) ?? []), id]);
    console.log(
      values.verbose ? describeVerdict(verdict) : describeVerdict({ ...verdict, differences: found.slice(0, 1) }),
    );
  }
  for (const [key, ids] of [...categories].sort((a, b) => b[1].length - a[1].length))
    console.log(`${ids.length}\t${key}\t${ids.slice(0, 12).join(' ')}`);
  console.log(
    `${agreed} of ${count} agree in orders, fills, equity, events, metrics, warnings and comparison rows ` +
      `(${ulps} of them but for the last bits of a double), ${fills} fills compared`,
  );
  return agreed === count;
}

function lookAhead(): boolean {
  let [sound, fills, valuations] = [0, 0, 0];
  for (let id = from; id < from + count; id++) {
    const verdict = checkLookAhead(id);
    fills += verdict.fills;
    valuations += verdict.valuations;
    if (verdict.faults.length === 0) sound++;
    else console.log(`universe ${id}: ${verdict.faults.slice(0, values.verbose ? undefined : 1).join('\n  ')}`);
  }
  console.log(
    `${sound} of ${count} universes of two to five calendars look nowhere ahead: ` +
      `${fills} fills, ${valuations} of them valuations at the last close known`,
  );
  return sound === count;
}

function recorded(): boolean {
  const logs = recordedLogs();
  const changed = logs.filter(({ id, hash }) => logHashOf(recordedCase(id)!) !== hash).map(({ id }) => id);
  console.log(
    `${logs.length - changed.length} of ` +
      `${logs.length} recorded event logs are ` +
      `equal${changed.length > 0 ? `; not: ${changed.slice(0, 20).join(' ')}` : ''}`,
  );
  return changed.length === 0;
}

if (values.show !== undefined) console.log(JSON.stringify(generateCase(Number(values.show)), null, 1));
else if (values.record !== undefined) record(Number(values.record));
else if (!(values.recorded ? recorded() : values['look-ahead'] ? lookAhead() : agreement())) process.exitCode = 1;
