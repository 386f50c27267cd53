import { Injectable } from '@nestjs/common';
import { type Answer, valueOf } from '#kernel';
import { Threads } from '#platform/threads';
import type { NormalisationResult } from '#quant';
import type { RecipeTask } from './recipe-thread.ts';
import { type RecipeSource, readConfig, readStrategySpec, type StrategySpec } from './strategy-spec.ts';

// The sources run as .ts under Jest and as .js from dist.
const RECIPE_THREAD = new URL(`./recipe-thread${import.meta.url.slice(-3)}`, import.meta.url);

/** Up to here reading a recipe takes the event loop a few milliseconds; the largest one takes most of a second. */
const SMALL_TEXT = 8_192;
const SMALL_NODES = 500;
/** What is longer is refused unread. */
const YAML_BYTES = 262_144;

/** Reads recipes, the large ones in a thread, so that the event loop only waits. */
@Injectable()
export class RecipeReader {
  constructor(private readonly threads: Threads) {}

  /** Throws as readStrategySpec. */
  async spec(source: RecipeSource): Promise<StrategySpec> {
    const { config_yaml: text = '', config } = source;
    const quick = text.length <= SMALL_TEXT || text.length > YAML_BYTES;
    return quick && isSmall(config) ? readStrategySpec(source) : this.#inThread<StrategySpec>({ kind: 'spec', source });
  }

  /** The `config` of a body. Throws as readConfig. */
  async document(document: unknown): Promise<NormalisationResult> {
    return isSmall(document)
      ? readConfig(document)
      : this.#inThread<NormalisationResult>({ kind: 'document', document });
  }

  async #inThread<T>(task: RecipeTask): Promise<T> {
    return valueOf(await this.threads.run<Answer<T>>(RECIPE_THREAD, task, { lane: 'interactive' }));
  }
}

/** Looks at no more of a document than it takes to know. */
function isSmall(document: unknown): boolean {
  const left: unknown[] = [document];
  for (let seen = 0; left.length > 0; seen++) {
    const node = left.pop();
    if (seen > SMALL_NODES || (typeof node === 'string' && node.length > SMALL_TEXT)) return false;
    if (typeof node !== 'object' || node === null) continue;
    for (const key in node) {
      left.push((node as Record<string, unknown>)[key]);
      if (left.length > SMALL_NODES) return false;
    }
  }
  return true;
}
