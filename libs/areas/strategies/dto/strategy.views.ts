import {
  BooleanField,
  EnumField,
  InstantField,
  IntegerField,
  NestedField,
  NumberField,
  ObjectField,
  TextField,
  UuidField,
} from '#platform/http';

const STATUSES = ['draft', 'versioned', 'backtested', 'paper', 'live', 'archived'] as const;
const HASH = '9f2c1b7e4a5d6038c1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8';
const RECIPE = 'strategy:\n  class: FrameworkAlgorithm\n';

/** What the API shows of strategies (trading.md 4, response shapes). */
export class StrategySummary {
  @UuidField() id!: string;
  @TextField({ max: 120, example: 'Golden cross' }) name!: string;
  @EnumField(STATUSES, { example: 'draft' }) status!: string;
  @IntegerField({ min: 1, example: 1 }) version!: number;
  @UuidField({ description: 'User or service that created it.' }) author!: string;
  @InstantField() created_at!: string;
  @InstantField({ nullable: true }) last_tested_at!: string | null;
  @NumberField({ nullable: true, example: 0.41 }) last_sharpe!: number | null;
}

export class VersionSummary {
  @UuidField() id!: string;
  @IntegerField({ min: 1, example: 1 }) version!: number;
  @TextField({ example: HASH, description: 'SHA-256 of the canonical JSON of the normalised recipe.' })
  spec_hash!: string;
  @UuidField() author!: string;
  @InstantField() created_at!: string;
  @TextField({ nullable: true, example: 'first try' }) notes!: string | null;
}

export class TestSummary {
  @UuidField() id!: string;
  @EnumField(['queued', 'running', 'completed', 'failed', 'cancelled'], { example: 'completed' }) status!: string;
  @TextField({ example: 'event' }) engine!: string;
  @NumberField({ nullable: true, example: 0.41 }) sharpe!: number | null;
  @NumberField({ nullable: true, example: 1.62 }) total_return!: number | null;
  @NumberField({ nullable: true, example: -0.21 }) max_drawdown!: number | null;
  @UuidField() backtest_id!: string;
  @InstantField() created_at!: string;
}

export class StrategyDetail extends StrategySummary {
  @TextField({ each: true, example: ['daily'] }) tags!: string[];
  @TextField({ example: RECIPE, description: 'The current version as its author wrote it.' }) config_yaml!: string;
  @TextField({ example: HASH }) spec_hash!: string;
  @NestedField(() => VersionSummary, { each: true }) versions!: VersionSummary[];
  @NestedField(() => TestSummary, { each: true, description: 'The last ten, newest first.' }) tests!: TestSummary[];
}

export class StrategyBrowseRow extends StrategySummary {
  @TextField({ each: true, example: ['daily'] }) tags!: string[];
  @TextField({ nullable: true, example: 'EmaCross' }) alpha_class!: string | null;
  @TextField({ example: 'event' }) engine!: string;
  @NumberField({ nullable: true, example: 1.62 }) last_total_return!: number | null;
  @NumberField({ nullable: true, example: -0.21 }) last_max_drawdown!: number | null;
  @TextField({ nullable: true, example: null }) latest_mlflow_run_id!: string | null;
  @TextField({ example: 'strategy/018cc251' }) experiment_name!: string;
}

export class VersionDetail extends VersionSummary {
  @UuidField() strategy_id!: string;
  @TextField({ example: RECIPE }) config_yaml!: string;
  @ObjectField({
    example: { schema_version: 1 },
    description: 'The hashed form: aliases resolved, defaults filled in.',
  })
  normalised!: Record<string, unknown>;
}

export class VersionDiff {
  @IntegerField({ min: 1, example: 1 }) from_version!: number;
  @IntegerField({ min: 1, example: 2 }) to_version!: number;
  @TextField({ min: 0, example: '', description: 'Unified diff of the two texts; empty where they are equal.' })
  diff!: string;
}

export class ArchivedStrategy {
  @UuidField() id!: string;
  @EnumField(['archived'], { example: 'archived' }) status!: 'archived';
}

export class RecipeWarning {
  @TextField({ example: 'short_clipped' }) code!: string;
  @TextField({ example: 'A cash account cannot be short.' }) message!: string;
}

export class ValidatedRecipe {
  @BooleanField({ example: true }) valid!: true;
  @ObjectField({ example: { schema_version: 1 } }) normalised!: Record<string, unknown>;
  @TextField({ example: HASH }) spec_hash!: string;
  @IntegerField({ min: 0, example: 50, description: 'Bars of history before the first decision.' })
  warmup_bars!: number;
  @NestedField(() => RecipeWarning, { each: true }) warnings!: RecipeWarning[];
}

export class CatalogComponent {
  @TextField({ example: 'alpha' }) stage!: string;
  @TextField({ example: 'EmaCross' }) class!: string;
  @TextField({ each: true, example: ['EmaCrossAlpha'] }) aliases!: string[];
  @TextField({ each: true, example: ['trend'] }) tags!: string[];
  @TextField({ example: 'Sign of the fast minus the slow exponential average.' }) description!: string;
  @ObjectField({ example: { type: 'object' }, description: 'JSON Schema (2020-12) of the kwargs.' })
  kwargs_schema!: Record<string, unknown>;
  @ObjectField({ example: { class: 'EmaCross', kwargs: { fast: 20, slow: 50 } } }) sample!: Record<string, unknown>;
}

export class ComponentCatalog {
  @NestedField(() => CatalogComponent, { each: true }) data!: CatalogComponent[];
  @ObjectField({ each: true, example: [{ name: 'Golden cross' }], description: 'Whole recipes to start from.' })
  samples!: Record<string, unknown>[];
}
