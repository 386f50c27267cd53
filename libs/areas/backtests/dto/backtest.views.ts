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

const HASH = 'bf2ca6eb28d3c7bb16237ead500c6640cb0c0df41fb1a704b789f1f755b5908c';
const STATUSES = ['queued', 'running', 'waiting_interrupt', 'completed', 'failed', 'cancelled'] as const;

export class RunWarningView {
  @TextField({ example: 'no_decision' }) code!: string;
  @TextField({ example: 'The run never had enough bars to decide anything.' }) message!: string;
  @TextField({ optional: true, example: undefined, description: 'The symbol that it is about.' }) vt_symbol?: string;
  @IntegerField({
    optional: true,
    min: 1,
    example: undefined,
    description: 'How many bars, actions or orders it is about.',
  })
  count?: number;
  @TextField({
    optional: true,
    example: undefined,
    description: 'One of them, such as the time of a bar that was left out.',
  })
  example?: string;
}

/** Headline of a run (trading.md 4, response shapes). */
export class BacktestSummary {
  @UuidField() id!: string;
  @EnumField(STATUSES, { example: 'completed' }) status!: string;
  @InstantField({ nullable: true }) start!: string | null;
  @InstantField({ nullable: true }) end!: string | null;
  @NumberField({ nullable: true, example: 0.41 }) sharpe!: number | null;
  @NumberField({ nullable: true, example: 0.52 }) sortino!: number | null;
  @NumberField({ nullable: true, example: -0.21 }) max_drawdown!: number | null;
  @NumberField({ nullable: true, example: 1.62 }) total_return!: number | null;
  @NumberField({ nullable: true, example: 262_000.5 }) final_equity!: number | null;
  @TextField({ nullable: true, example: HASH }) dataset_hash!: string | null;
  @UuidField({ nullable: true }) model_deployment_id!: string | null;
  @InstantField() created_at!: string;
  @TextField({ nullable: true, example: HASH }) run_hash!: string | null;
  @TextField({ example: HASH }) spec_hash!: string;
  @TextField({ example: 'event' }) engine!: string;
  @IntegerField({ min: 0, example: 42 }) seed!: number;
  @NestedField(() => RunWarningView, { each: true }) warnings!: RunWarningView[];
  @TextField({ nullable: true, example: 'Golden cross' }) run_name!: string | null;
  @TextField({ nullable: true, example: HASH }) event_log_hash!: string | null;
  @UuidField() task_id!: string;
  @TextField({ nullable: true, example: null, description: 'Why the run failed.' }) error_code!: string | null;
}

export class ArtifactView {
  @TextField({ example: 'equity' }) kind!: string;
  @IntegerField({ min: 0, example: 10 }) rows!: number;
  @IntegerField({ min: 0, example: 2048 }) bytes!: number;
  @TextField({ example: HASH, description: 'SHA-256 of the canonical NDJSON.' }) sha256!: string;
}

export class BacktestDetail extends BacktestSummary {
  @TextField({ example: 'adhoc' }) parent_kind!: string;
  @UuidField({ nullable: true }) parent_id!: string | null;
  @UuidField({ nullable: true }) strategy_id!: string | null;
  @UuidField({ nullable: true }) strategy_version_id!: string | null;
  @TextField({ nullable: true, example: '1.0.0' }) engine_version!: string | null;
  @TextField({ nullable: true, example: HASH }) context_hash!: string | null;
  @ObjectField({ example: { schema_version: 1 }, description: 'The normalised recipe.' }) config!: Record<
    string,
    unknown
  >;
  @TextField({ example: 'inline' }) data_source!: string;
  @TextField({ example: '1d' }) interval!: string;
  @TextField({ example: 'USD' }) currency!: string;
  @NumberField({ example: 100_000 }) initial_cash!: number;
  @NumberField({ nullable: true, example: 0.3 }) calmar!: number | null;
  @NumberField({ nullable: true, example: 0.12 }) volatility_ann!: number | null;
  @NumberField({ nullable: true, example: 2.4 }) turnover!: number | null;
  @IntegerField({ nullable: true, example: 10 }) n_bars!: number | null;
  @IntegerField({ nullable: true, example: 3 }) n_orders!: number | null;
  @IntegerField({ nullable: true, example: 3 }) n_fills!: number | null;
  @ObjectField({ nullable: true, example: { sharpe: 0.41 } }) metrics!: Record<string, number | null> | null;
  @InstantField({ nullable: true, description: 'Slice of E_0 of the metrics; null when nothing was ever decided.' })
  first_decision!: string | null;
  @ObjectField({ nullable: true, example: null, description: 'Of a replay: what it found.' }) replay!: Record<
    string,
    unknown
  > | null;
  @TextField({ nullable: true, example: null }) error!: string | null;
  @InstantField({ nullable: true }) started_at!: string | null;
  @InstantField({ nullable: true }) completed_at!: string | null;
  @NestedField(() => ArtifactView, { each: true }) artifacts!: ArtifactView[];
}

export class CancelView {
  @UuidField() run_id!: string;
  @UuidField() task_id!: string;
  @EnumField(STATUSES, { example: 'running' }) status!: string;
}

export class ReportLink {
  @TextField({
    max: 2_000,
    example:
      'http://localhost:8000/backtests/018cc251-f400-7000-8000-0000000000aa/report/view?expires=1767323945&signature=…',
  })
  url!: string;
  @InstantField() expires_at!: string;
}

export class EngineView {
  @TextField({ example: 'event' }) engine!: string;
  @TextField({ nullable: true, example: '1.0.0' }) version!: string | null;
  @BooleanField({ example: true }) available!: boolean;
  @ObjectField({ example: { bars: true, orders: true } }) capabilities!: Record<string, boolean>;
}

export class EngineList {
  @NestedField(() => EngineView, { each: true }) data!: EngineView[];
}
