import { checkLookAhead } from './look-ahead.ts';

const UNIVERSES = 80;

/**
 * In universes of two to five calendars nothing acts in a bar that began before it, and no event knows a later bar;
 * more of them: `npm run agreement -- --look-ahead --count 2000`.
 */
it(`looks nowhere ahead in ${UNIVERSES} universes of several calendars`, () => {
  const verdicts = Array.from({ length: UNIVERSES }, (_, id) => checkLookAhead(id));
  expect(verdicts.filter(({ faults }) => faults.length > 0)).toEqual([]);
  expect(verdicts.reduce((sum, { fills }) => sum + fills, 0)).toBeGreaterThan(1000);
  expect(verdicts.some(({ valuations }) => valuations > 0)).toBe(true);
});
