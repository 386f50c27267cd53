import { sha256Hex } from '#kernel';
import { run } from '../testing/builders.ts';
import { randomRun } from '../testing/random-runs.ts';
import { ENGINE_VERSION } from './prepare.ts';

/** Equal hashes mean equal bytes for one version of the engine: whoever changes a byte of these runs names a new version, and its digest. */
const DIGESTS: Readonly<Record<string, string>> = {
  '2.0.0': '0a717c79ab260b8f4ae5ae6b6efb6b4bc7dba2e03806ed3eb31b1b2550d181ee',
};

it('gives for its version the bytes it always gave', () => {
  const runs = Array.from({ length: 40 }, (_, seed) => {
    const { document, bars } = randomRun(seed + 1);
    const { artifacts, eventLogHash, rows } = run(document, bars);
    return [eventLogHash, artifacts.fills, artifacts.orders, artifacts.roundTrips, rows];
  });
  expect({ [ENGINE_VERSION]: sha256Hex(JSON.stringify(runs)) }).toEqual({ [ENGINE_VERSION]: DIGESTS[ENGINE_VERSION] });
});
