import { checkCase, describeVerdict, material } from './agreement.ts';

const CASES = 200;
const PER_TEST = 20;

/**
 * The production engine against the naive reference: every fill, order, event, equity row, round trip and metric of
 * seeded recipes over one to five calendars; more of them: `npm run agreement -- --count 5000`.
 */
describe('agreement of the two engines', () => {
  for (let from = 0; from < CASES; from += PER_TEST) {
    it(`agrees on the recipes ${from} to ${from + PER_TEST - 1}`, () => {
      const told: string[] = [];
      for (let id = from; id < from + PER_TEST; id++) {
        const verdict = checkCase(id);
        if (verdict.failure !== null || material(verdict).length > 0) told.push(describeVerdict(verdict));
      }
      expect(told).toEqual([]);
    });
  }

  it.each([
    ['every symbol left before the first slice', 921],
    ['weeks of two calendars in one sample', 210],
    ['exits after a split', 516],
    ['fees of an order that a split met half filled', 795],
  ])('agrees where it once did not: %s', (_what, id) => {
    const verdict = checkCase(id);
    expect(verdict.failure === null && material(verdict).length === 0 ? '' : describeVerdict(verdict)).toBe('');
  });
});
