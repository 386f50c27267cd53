/** What the API shows of strategies (trading.md 4, response shapes). Times are RFC 3339. */
export interface StrategySummary {
  id: string;
  name: string;
  status: string;
  version: number;
  author: string;
  created_at: string;
  last_tested_at: string | null;
  last_sharpe: number | null;
}

export interface VersionSummary {
  id: string;
  version: number;
  spec_hash: string;
  author: string;
  created_at: string;
  notes: string | null;
}

export interface TestSummary {
  id: string;
  status: string;
  engine: string;
  sharpe: number | null;
  total_return: number | null;
  max_drawdown: number | null;
  backtest_id: string;
  created_at: string;
}

export interface StrategyDetail extends StrategySummary {
  tags: string[];
  config_yaml: string;
  spec_hash: string;
  versions: VersionSummary[];
  tests: TestSummary[];
}

export interface StrategyBrowseRow extends StrategySummary {
  tags: string[];
  alpha_class: string | null;
  engine: string;
  last_total_return: number | null;
  last_max_drawdown: number | null;
  latest_mlflow_run_id: string | null;
  experiment_name: string;
}

export interface VersionDetail extends VersionSummary {
  strategy_id: string;
  config_yaml: string;
  normalised: unknown;
}

export interface VersionDiff {
  from_version: number;
  to_version: number;
  /** Unified diff of the two texts; empty where they are equal. */
  diff: string;
}
