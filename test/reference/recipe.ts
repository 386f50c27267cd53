import { hashCanonical } from '#kernel';

/** Normalisation of a recipe, from trading.md 3.8 alone. Assumes a valid document: refusals are tested elsewhere. */
export interface Component {
  class: string;
  kwargs: Record<string, any>;
}
export interface Recipe {
  schema_version: 1;
  strategy: {
    class: string;
    kwargs: {
      universe_model: Component;
      alpha_model?: Component;
      portfolio_model?: Component;
      risk_model: Component;
      execution_model: Component;
      rebalance_every: number;
    };
  };
  backtest: { engine: string; kwargs: Record<string, any> };
  [block: string]: unknown;
}

const ALIASES: Record<string, string> = {
  EmaCrossAlpha: 'EmaCross',
  RsiAlpha: 'Rsi',
  MeanReversionAlpha: 'MeanReversion',
  DonchianBreakoutAlpha: 'DonchianBreakout',
  EqualWeightPortfolio: 'EqualWeight',
  SignalWeightedPortfolio: 'SignalWeighted',
  BasicRiskModel: 'BasicRisk',
  NoOpRiskModel: 'NoOp',
  MarketOrderExecution: 'MarketExecution',
};
const KWARG_ALIASES: Record<string, Record<string, string>> = {
  MeanReversion: { lookback: 'window', z_threshold: 'entry_z' },
};
const DEFAULTS: Record<string, Record<string, unknown>> = {
  EmaCross: { fast: 20, slow: 50, mode: 'level', allow_short: false, horizon_bars: null },
  Rsi: { period: 14, oversold: 30, overbought: 70, allow_short: false },
  MeanReversion: { window: 20, entry_z: 2, exit_z: 0.5, allow_short: false },
  DonchianBreakout: { entry: 20, exit: 10, allow_short: false },
  EqualWeight: { max_positions: 5 },
  SignalWeighted: { max_positions: 10 },
  BasicRisk: { max_position_pct: 0.2, max_drawdown_pct: 0.15, max_leverage: 1 },
  LimitOffset: { bps: 5, ttl_bars: 3 },
  Bracket: { stop_pct: 0.05, take_pct: 0.1 },
  bps: { bps: 2 },
  pct: { rate: 0.0005 },
  volume_share: { k: 0.1 },
  sqrt_impact: { Y: 1 },
  per_share: { rate: 0.005, min: 1, max_pct: 0.01 },
  per_order: { amount: 1 },
  maker_taker: { maker: 0.0002, taker: 0.0005 },
};
const ORDER_DEFAULTS = {
  limit_price: null,
  stop_price: null,
  trail_amount: null,
  trail_pct: null,
  tif: 'gtc',
  gtd_until: null,
  reduce_only: false,
  post_only: false,
  contingency: 'none',
  group_id: null,
  reference: null,
};
const BACKTEST_DEFAULTS: Record<string, unknown> = {
  start: null,
  end: null,
  interval: '1d',
  normalization: 'adjusted',
  initial_cash: 100000,
  currency: 'USD',
  account: { type: 'cash' },
  slippage: { class: 'bps', kwargs: { bps: 2 } },
  commission: { class: 'pct', kwargs: { rate: 0.0005 } },
  max_participation: 1,
  limit_touch: 'through',
  intrabar: 'adverse_first',
  on_insufficient: 'reduce',
  cash_buffer: 0,
  min_order_value: 10,
  min_drift: 0,
  lot_size: 1,
  borrow_rate: 0,
  cash_yield: 0,
  debit_rate: 0,
  not_borrowable: [],
  close_at_end: false,
  metrics_freq: 'session',
  mar: 0,
  reentry: 'immediate',
  calendar: null,
  extended_hours: false,
  event_log: 'full',
  benchmark: null,
  risk_free: 0,
  seed: 42,
};

export const vtSymbol = (text: string): string => {
  const upper = text.toUpperCase();
  return upper.includes('.') ? upper : `${upper}.NASDAQ`;
};

function component(raw: any, fallback?: string): Component {
  const given = typeof raw === 'string' ? { class: raw } : (raw ?? { class: fallback });
  const name = ALIASES[given.class] ?? given.class;
  const kwargs: Record<string, any> = {};
  for (const [key, value] of Object.entries(given.kwargs ?? {})) kwargs[KWARG_ALIASES[name]?.[key] ?? key] = value;
  const out: Component = { class: name, kwargs: { ...DEFAULTS[name], ...kwargs } };
  if (name === 'StaticUniverse') out.kwargs.symbols = out.kwargs.symbols.map(vtSymbol);
  if (name === 'ScheduledTargets')
    out.kwargs.targets = out.kwargs.targets.map((row: any) => ({ ...row, vt_symbol: vtSymbol(row.vt_symbol) }));
  if (name === 'ScheduledOrders')
    out.kwargs.orders = out.kwargs.orders.map((row: any) => ({
      ...ORDER_DEFAULTS,
      ...row,
      vt_symbol: vtSymbol(row.vt_symbol),
    }));
  if (name === 'FixedWeights')
    out.kwargs.weights = Object.fromEntries(
      Object.entries(out.kwargs.weights).map(([key, value]) => [vtSymbol(key), value]),
    );
  if (name === 'Composite') out.kwargs.models = out.kwargs.models.map((model: any) => component(model));
  return out;
}

export function referenceNormalise(document: any): { recipe: Recipe; specHash: string } {
  const given = document.strategy.kwargs;
  const backtest = { ...(document.backtest?.kwargs ?? {}) };
  if ('slippage_bps' in backtest) {
    backtest.slippage = { class: 'bps', kwargs: { bps: backtest.slippage_bps } };
    delete backtest.slippage_bps;
  }
  if ('commission_pct' in backtest) {
    backtest.commission = { class: 'pct', kwargs: { rate: backtest.commission_pct } };
    delete backtest.commission_pct;
  }
  const kwargs: Record<string, any> = { ...structuredClone(BACKTEST_DEFAULTS), ...backtest };
  kwargs.slippage = component(kwargs.slippage);
  kwargs.commission = component(kwargs.commission);
  if (kwargs.account.type === 'margin') {
    const account = { initial: 0.5, maintenance_long: 0.25, maintenance_short: 0.3, ...kwargs.account };
    kwargs.account = { ...account, max_leverage: account.max_leverage ?? 1 / account.initial };
  }
  kwargs.not_borrowable = kwargs.not_borrowable.map(vtSymbol);
  if (kwargs.benchmark !== null) kwargs.benchmark = vtSymbol(kwargs.benchmark);
  const strategy: Recipe['strategy']['kwargs'] = {
    universe_model: component(given.universe_model),
    risk_model: component(given.risk_model, 'NoOp'),
    execution_model: component(given.execution_model, 'MarketExecution'),
    rebalance_every: given.rebalance_every ?? 1,
  };
  if (given.alpha_model) strategy.alpha_model = component(given.alpha_model);
  if (given.portfolio_model) strategy.portfolio_model = component(given.portfolio_model);
  const recipe: Recipe = {
    schema_version: 1,
    strategy: { class: 'FrameworkAlgorithm', kwargs: strategy },
    backtest: { engine: 'event', kwargs },
  };
  for (const block of ['risk', 'session', 'brokerage', 'feed'])
    if (document[block] !== undefined) recipe[block] = document[block];
  return { recipe, specHash: hashCanonical(recipe) };
}
