/** Failures in a row until a probe counts as failed, and successes until it counts as well again (platform.md 13). */
const FAILURES_TO_FLIP = 3;
const SUCCESSES_TO_RETURN = 2;

/** What is known of one dependency. Before the first success it is not ok. */
export interface ProbeState {
  readonly ok: boolean;
  /** Duration of the last check in milliseconds. */
  readonly ms: number;
  readonly failures: number;
  readonly successes: number;
  readonly known: boolean;
  readonly error: string | null;
}

export const UNKNOWN_PROBE: ProbeState = { ok: false, ms: 0, failures: 0, successes: 0, known: false, error: null };

/** The state after one more result. The first result counts at once: nothing was known before. */
export function afterCheck(state: ProbeState, result: { ok: boolean; ms: number; error: string | null }): ProbeState {
  const successes = result.ok ? state.successes + 1 : 0;
  const failures = result.ok ? 0 : state.failures + 1;
  const flips = state.ok ? failures >= FAILURES_TO_FLIP : successes >= SUCCESSES_TO_RETURN;
  const ok = state.known ? (flips ? !state.ok : state.ok) : result.ok;
  return { ok, ms: result.ms, failures, successes, known: true, error: result.error };
}
