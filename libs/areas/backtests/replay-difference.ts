import { canonicalJson } from '#kernel';
import type { ReplayResult } from '#quant';
import type { ReplayDifference } from './backtests.repository.ts';

export interface StoredRun {
  /** Canonical JSON lines. */
  equity: AsyncIterable<string>;
  fills: AsyncIterable<string>;
  eventLogHash: string | null;
}

/**
 * Session dates stand between `positions` and `ts` in canonical JSON. The log does not tell them: they follow from
 * calendars, not from what happened.
 */
const SESSION_DATE = /,"session_date":"[\d-]+"(?=,"ts":"[^"]*"\}$)/;

/** The first place where a replay and the stored run differ, or null when they are identical to the last character. */
export async function compareReplay(replayed: ReplayResult, stored: StoredRun): Promise<ReplayDifference | null> {
  if (replayed.eventLogHash !== stored.eventLogHash) {
    return { artifact: 'event_log', index: 0, expected: stored.eventLogHash, actual: replayed.eventLogHash };
  }
  return (
    (await compareRows('fills', stored.fills, replayed.fills)) ??
    (await compareRows('equity', told(stored.equity), replayed.equity))
  );
}

async function* told(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield line.replace(SESSION_DATE, '');
}

async function compareRows(
  artifact: 'equity' | 'fills',
  expected: AsyncIterable<string>,
  actual: readonly object[],
): Promise<ReplayDifference | null> {
  let index = 0;
  for await (const line of expected) {
    const row = actual[index];
    if (row === undefined || canonicalJson(row) !== line)
      return { artifact, index, expected: JSON.parse(line), actual: row ?? null };
    index++;
  }
  return actual.length > index ? { artifact, index, expected: null, actual: actual[index] } : null;
}
