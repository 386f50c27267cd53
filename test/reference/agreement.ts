import { compareRuns, type Difference } from './compare.ts';
import { referenceRun } from './engine.ts';
import { generateCase } from './generate.ts';
import type { GeneratedCase } from './recorded-draw.ts';
import { productionRun } from './production.ts';

export interface CaseVerdict {
  id: number;
  differences: Difference[];
  fills: number;
  failure: string | null;
}

/** What a run that leaves nothing to trade is refused with. */
const refusal = (run: () => unknown): string | null => {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof Error ? ((error as { code?: string }).code ?? error.message) : String(error);
  }
};

/**
 * Runs one generated case through both engines. A refusal of either is a failure, never skipped, but for `no_data` of
 * both.
 */
export function checkCase(id: number, test: GeneratedCase = generateCase(id)): CaseVerdict {
  try {
    const ours = productionRun(test);
    const reference = referenceRun({ ...test, engineVersion: ours.engineVersion });
    const log = test.document.backtest.kwargs.event_log ?? 'full';
    return {
      id,
      differences: compareRuns(ours, reference, { events: log === 'full' }),
      fills: reference.fills.length,
      failure: null,
    };
  } catch (error) {
    if (refusal(() => productionRun(test)) === 'no_data' && refusal(() => referenceRun(test)) === 'no_data')
      return { id, differences: [], fills: 0, failure: null };
    return {
      id,
      differences: [],
      fills: 0,
      failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

/** Differences beyond the last bits of a double. */
export const material = (verdict: CaseVerdict): Difference[] =>
  verdict.differences.filter((difference) => !difference.ulp);

export function describeVerdict(verdict: CaseVerdict): string {
  if (verdict.failure !== null) return `case ${verdict.id}: ${verdict.failure}`;
  return [
    `case ${verdict.id}`,
    ...verdict.differences.map(
      (d) =>
        `  ${d.artifact}[${d.index}]${d.field === undefined ? '' : `.${d.field}`}${d.ulp ? ' (ulp)' : ''}\n    ours  ` +
        `    ${d.ours}\n    reference ${d.reference}`,
    ),
  ].join('\n');
}
