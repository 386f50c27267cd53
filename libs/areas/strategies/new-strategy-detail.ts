import type { StrategyDetail } from './dto/strategy.views.ts';
import type { StrategyVersion } from './strategy.ts';

/**
 * The screen of a strategy that was stored this moment, as StrategyViewsRepository would read it: one version, no test,
 * everything else is known.
 */
export function newStrategyDetail(
  { name, tags }: { name: string; tags: string[] },
  first: StrategyVersion,
): StrategyDetail {
  const { author, version, configYaml, specHash, notes } = first;
  const created = first.createdAt.toISOString();
  return {
    id: first.strategyId,
    name,
    status: 'draft',
    version,
    author,
    created_at: created,
    last_tested_at: null,
    last_sharpe: null,
    tags,
    config_yaml: configYaml,
    spec_hash: specHash,
    versions: [{ id: first.id, version, spec_hash: specHash, author, created_at: created, notes }],
    tests: [],
  };
}
