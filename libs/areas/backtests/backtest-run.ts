import type { CorporateAction, InstrumentRules, NormalisedRecipe, RunWarning } from '#quant';

/** Of trading.md 6.2. */
export type BacktestStatus = 'queued' | 'running' | 'waiting_interrupt' | 'completed' | 'failed' | 'cancelled';
export type ParentKind = 'adhoc' | 'test' | 'bot' | 'wfo' | 'sweep' | 'replay' | 'bias';

/** What a run was asked to do: everything that decides its result. */
export interface BacktestOrder {
  id: string;
  /** Whose bars it reads. */
  workspaceId: string;
  parentKind: ParentKind;
  parentId: string | null;
  strategyId: string | null;
  strategyVersionId: string | null;
  runName: string | null;
  recipe: NormalisedRecipe;
  specHash: string;
  seed: number;
  dataSource: 'warehouse' | 'inline';
  warnings: RunWarning[];
}

/** Bars and reference data that came with the request. */
export interface InlineInput {
  bars: Uint8Array;
  actions: CorporateAction[];
  instruments: Record<string, InstrumentRules>;
}

const TERMINAL: ReadonlySet<BacktestStatus> = new Set(['completed', 'failed', 'cancelled']);

/** Completed, failed and cancelled runs never change again. */
export function isTerminal(status: BacktestStatus): boolean {
  return TERMINAL.has(status);
}
