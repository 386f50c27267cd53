import { type Answer, answerOf } from '#kernel';
import type { NormalisationResult } from '#quant';
import { type RecipeSource, readConfig, readStrategySpec, type StrategySpec } from './strategy-spec.ts';

/** A recipe as its author wrote it, or one that was read already. */
export type RecipeTask = { kind: 'spec'; source: RecipeSource } | { kind: 'document'; document: unknown };

/** Entry of the worker thread that reads large recipes. */
export default function recipeThread(task: RecipeTask): Answer<StrategySpec | NormalisationResult> {
  return answerOf(() => (task.kind === 'spec' ? readStrategySpec(task.source) : readConfig(task.document)));
}
