import { DomainError } from '#kernel';

export type StrategyStatus = 'draft' | 'versioned' | 'backtested' | 'paper' | 'live' | 'archived';
export type StrategyTestStatus = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';

/** A row of `strategies`; `version` is the current one. */
export interface Strategy {
  id: string;
  name: string;
  status: StrategyStatus;
  version: number;
  configYaml: string;
  createdBy: string;
  tags: string[];
  workspaceId: string;
  projectId: string | null;
}

/** An immutable, hash-locked snapshot of a recipe. */
export interface StrategyVersion {
  id: string;
  strategyId: string;
  version: number;
  configYaml: string;
  normalised: unknown;
  specHash: string;
  author: string;
  notes: string | null;
  createdAt: Date;
}

/** Refuses a change of what may no longer change (trading.md 4, 6.1). */
export function assertEditable(strategy: Strategy): void {
  if (strategy.status === 'archived')
    throw new DomainError(409, 'archived', { detail: 'The strategy is archived; its versions stay readable.' });
}

/** `live` is paused before it is archived. True when there is something to do. */
export function decideArchive(strategy: Strategy): boolean {
  if (strategy.status === 'live')
    throw new DomainError(409, 'in_use', { detail: 'The strategy is live. Pause it first (promote to "paper").' });
  return strategy.status !== 'archived';
}

/** Status belongs to the latest version, so a tested strategy starts over with a new one (trading.md 6.1). */
export function statusWithNewVersion(status: StrategyStatus): StrategyStatus {
  return status === 'backtested' || status === 'paper' ? 'versioned' : status;
}

/** The first test freezes a draft. */
export function statusWhenTestStarts(status: StrategyStatus): StrategyStatus {
  return status === 'draft' ? 'versioned' : status;
}

/** A completed test of the current version makes it backtested; later stages keep their status. */
export function statusWhenTestCompletes(
  strategy: Pick<Strategy, 'status' | 'version'>,
  testedVersion: number,
): StrategyStatus {
  return strategy.status === 'versioned' && strategy.version === testedVersion ? 'backtested' : strategy.status;
}
