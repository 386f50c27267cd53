import { ValidationError } from '#kernel';
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

/** A recipe in a request: exactly one of its YAML text and its JSON document. */
export interface RecipeSource {
  config_yaml?: string;
  config?: Record<string, unknown>;
}

/** Throws 400 `invalid_yaml`, or 422 with pointers into the document. */
export function readStrategySpec(source: RecipeSource): StrategySpec {
  if ((source.config_yaml === undefined) === (source.config === undefined)) {
    throw new ValidationError([{ pointer: '/config_yaml', code: 'exactly_one', message: 'exactly one of config_yaml and config is needed' }]);
  }
  const document = source.config_yaml === undefined ? source.config : parseYamlDocument(source.config_yaml);
  return { configYaml: source.config_yaml ?? stringify(source.config), ...normaliseRecipe(document) };
}
