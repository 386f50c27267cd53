import { logHashOf, recordedCase, recordedLogs } from './recorded.ts';

const SAMPLE = 100;

/**
 * Recipes of one exchange without actions and benchmark keep every number; all of them: `npm run agreement --
 * --recorded`.
 */
it(`keeps the event logs of ${SAMPLE} recorded recipes`, () => {
  const logs = recordedLogs();
  expect(logs).toHaveLength(2000);
  const sample = logs.filter((_log, i) => i % (logs.length / SAMPLE) === 0);
  expect(sample.map(({ id }) => ({ id, hash: logHashOf(recordedCase(id)!) }))).toEqual(sample);
});
