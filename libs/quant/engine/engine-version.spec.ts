import { sha256Hex } from '#kernel';
import { run } from '../testing/builders.ts';
import { randomRun } from '../testing/random-runs.ts';
import { comparisonRows } from './comparison.ts';
import { ENGINE_VERSION } from './prepare.ts';

/**
 * Equal hashes mean equal bytes for one version of the engine: whoever changes a byte of these runs names a new
 * version, and its digest.
 */
const DIGESTS: Readonly<Record<string, string>> = {
  '2.0.0': 'f972ca94606c19e61fdf1295631056c2f3e6e7016741a396ac7f8b44d088453a',
};

it('gives for its version the bytes it always gave', () => {
  const runs = Array.from({ length: 40 }, (_, seed) => {
    const { document, bars } = randomRun(seed + 1);
    const { artifacts, eventLogHash, rows } = run(document, bars);
    return [
      eventLogHash,
      artifacts.fills,
      artifacts.orders,
      artifacts.roundTrips,
      rows,
      [...comparisonRows(artifacts.comparison)],
    ];
  });
  expect({ [ENGINE_VERSION]: sha256Hex(JSON.stringify(runs)) }).toEqual({ [ENGINE_VERSION]: DIGESTS[ENGINE_VERSION] });
});
