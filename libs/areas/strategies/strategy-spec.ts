import { type NormalisedRecipe, type RunWarning, normaliseRecipe } from '#quant';
import { parseYamlDocument } from '#platform/yaml';
import { stringify } from 'yaml';

/** A recipe as its author wrote it, and what it means. */
export interface StrategySpec {
  configYaml: string;
  recipe: NormalisedRecipe;
  specHash: string;
  warmupBars: number;
  warnings: RunWarning[];
}

/** Reads a recipe from its YAML text or its JSON document. Throws 400 `invalid_yaml`, 422 with pointers into the document. */
export function readStrategySpec(source: { configYaml?: string; config?: Record<string, unknown> }): StrategySpec {
  const configYaml = source.configYaml ?? stringify(source.config);
  const document = source.configYaml === undefined ? source.config : parseYamlDocument(source.configYaml);
  return { configYaml, ...normaliseRecipe(document) };
}
