import { DomainError, ValidationError } from '#kernel';
import { type NormalisationResult, type NormalisedRecipe, type RunWarning, normaliseRecipe } from '#quant';
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

/**
 * The recipe that a body carries as `config`. Throws as normaliseRecipe, with pointers into that body
 * (platform.md 8.0).
 */
export function readConfig(config: unknown): NormalisationResult {
  try {
    return normaliseRecipe(config);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const errors = error.options.errors?.map((one) => ({ ...one, pointer: `/config${one.pointer}` }));
    throw new DomainError(error.status, error.code, { ...error.options, errors, cause: error });
  }
}

/** Throws 400 `invalid_yaml`, or 422 with pointers into the body; of a YAML text, into its document. */
export function readStrategySpec(source: RecipeSource): StrategySpec {
  if ((source.config_yaml === undefined) === (source.config === undefined)) {
    throw new ValidationError([
      { pointer: '/config_yaml', code: 'exactly_one', message: 'exactly one of config_yaml and config is needed' },
    ]);
  }
  if (source.config_yaml === undefined) return { configYaml: stringify(source.config), ...readConfig(source.config) };
  return { configYaml: source.config_yaml, ...normaliseRecipe(parseYamlDocument(source.config_yaml)) };
}
