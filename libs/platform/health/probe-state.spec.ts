import { type ProbeState, UNKNOWN_PROBE, afterCheck } from './probe-state.ts';

function after(...results: boolean[]): ProbeState {
  return results.reduce((state, ok) => afterCheck(state, { ok, ms: 1, error: ok ? null : 'down' }), UNKNOWN_PROBE);
}

describe('afterCheck', () => {
  it('believes the first result at once', () => {
    expect([after(true).ok, after(false).ok, UNKNOWN_PROBE.ok]).toEqual([true, false, false]);
  });

  it('flips after three failures in a row, not after two', () => {
    expect([
      after(true, false, false).ok,
      after(true, false, false, true, false, false).ok,
      after(true, false, false, false).ok,
    ]).toEqual([true, true, false]);
  });

  it('returns after two successes in a row', () => {
    expect([after(false, true).ok, after(false, true, false, true).ok, after(false, true, true).ok]).toEqual([
      false,
      false,
      true,
    ]);
  });
});
