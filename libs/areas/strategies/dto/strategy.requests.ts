import { BooleanField, EnumField, IntegerField, NumberField, ObjectField, PageQuery, TextField } from '#platform/http';
import type { StrategySpec } from '../strategy-spec.ts';

const RECIPE_TEXT = 'Recipe as YAML (trading.md 3.8), at most 256 KiB. Exactly one of config_yaml and config.';
export const RECIPE_EXAMPLE = {
  strategy: {
    class: 'FrameworkAlgorithm',
    kwargs: {
      universe_model: { class: 'StaticUniverse', kwargs: { symbols: ['SPX.CBOE'] } },
      alpha_model: { class: 'EmaCross', kwargs: { fast: 20, slow: 50 } },
      portfolio_model: { class: 'EqualWeight', kwargs: { max_positions: 1 } },
    },
  },
  backtest: { engine: 'event', kwargs: { initial_cash: 100000 } },
};

export class RecipeBody {
  /** Size and content are the YAML reader's question, which answers with line and column. */
  @TextField({ optional: true, min: 0, max: 1_048_576, description: RECIPE_TEXT }) config_yaml?: string;
  @ObjectField({ optional: true, example: RECIPE_EXAMPLE }) config?: Record<string, unknown>;
  /** Read by ReadRecipePipe. */
  declare spec: StrategySpec;
}

export class CreateStrategyBody extends RecipeBody {
  @TextField({ max: 120, name: true, example: 'Golden cross' }) name!: string;
  @TextField({ optional: true, max: 4_000, example: 'first try' }) notes?: string;
  @TextField({ each: { max: 20 }, optional: true, max: 80, example: ['daily'] }) tags?: string[];
}

/** The same body as a create; what is not the recipe is allowed and ignored, so that an editor can send what it has. */
export class ValidateStrategyBody extends RecipeBody {
  @TextField({ optional: true, max: 120, example: 'Golden cross' }) name?: string;
  @TextField({ optional: true, max: 4_000, example: 'first try' }) notes?: string;
  @TextField({ each: { max: 20 }, optional: true, max: 80, example: ['daily'] }) tags?: string[];
}

export class UpdateStrategyBody extends RecipeBody {
  @TextField({ optional: true, max: 4_000, example: 'slower' }) notes?: string;
}

export class ListStrategies extends PageQuery {
  @EnumField(['draft', 'versioned', 'backtested', 'paper', 'live', 'archived'], { optional: true }) status?: string;
  @TextField({ optional: true, max: 80 }) tag?: string;
  @TextField({ optional: true, max: 120, description: 'Part of the name, without regard to case.' }) query?: string;
  @NumberField({ optional: true, description: 'Least Sharpe of the last completed test.' }) min_sharpe?: number;
  @BooleanField({ optional: true }) include_archived = false;
}

export class DiffQuery {
  @IntegerField({
    optional: true,
    min: 1,
    max: 2_147_483_647,
    description: 'Version to compare with; default the one before.',
  })
  against?: number;
}
