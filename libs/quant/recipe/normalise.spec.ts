import { DomainError, hashCanonical } from '#kernel';
import { componentCatalog } from '../models/index.ts';
import { SESSIONS, recipe } from '../testing/builders.ts';
import { normaliseRecipe } from './normalise.ts';

function refusal(document: unknown): { code: string; status: number; pointers: string[]; nearest?: unknown } {
  try {
    normaliseRecipe(document);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return {
      code: error.code,
      status: error.status,
      pointers: (error.options.errors ?? []).map((one) => one.pointer),
      nearest: error.options.members?.['nearest'],
    };
  }
  throw new Error('was accepted');
}

const cross = {
  alpha: { class: 'EmaCross', kwargs: { fast: 20, slow: 50 } },
  portfolio: { class: 'EqualWeight', kwargs: { max_positions: 1 } },
};

describe('normaliseRecipe', () => {
  it('fills in every default and hashes the canonical form', () => {
    const {
      recipe: normalised,
      specHash,
      warmupBars,
      warnings,
    } = normaliseRecipe(recipe({ ...cross, kwargs: { start: '2000-01-03' } }));
    expect(normalised).toEqual({
      schema_version: 1,
      strategy: {
        class: 'FrameworkAlgorithm',
        kwargs: {
          universe_model: { class: 'StaticUniverse', kwargs: { symbols: ['X.SIM'] } },
          alpha_model: {
            class: 'EmaCross',
            kwargs: { fast: 20, slow: 50, mode: 'level', allow_short: false, horizon_bars: null },
          },
          portfolio_model: { class: 'EqualWeight', kwargs: { max_positions: 1 } },
          risk_model: { class: 'NoOp', kwargs: {} },
          execution_model: { class: 'MarketExecution', kwargs: {} },
          rebalance_every: 1,
        },
      },
      backtest: {
        engine: 'event',
        kwargs: {
          start: '2000-01-03',
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
        },
      },
    });
    expect(specHash).toBe(hashCanonical(normalised));
    expect([warmupBars, warnings]).toEqual([50, []]);
  });

  it('has one hash for aliases, short forms, labels, old names, key order and bare tickers', () => {
    const plain = normaliseRecipe(
      recipe({
        symbols: ['AAPL.NASDAQ'],
        alpha: { class: 'MeanReversion', kwargs: { window: 30, entry_z: 1.5 } },
        portfolio: { class: 'EqualWeight' },
        risk: { class: 'BasicRisk' },
        kwargs: { slippage: { class: 'bps', kwargs: { bps: 7 } } },
      }),
    );
    const old = normaliseRecipe({
      name: 'label',
      description: 'label',
      validation: { anything: 1 },
      backtest: {
        kwargs: { slippage_bps: 7, commission_pct: 0.0005 },
        class: 'EventDrivenBacktester',
        module_path: 'x.y',
      },
      strategy: {
        kwargs: {
          risk_model: { class: 'BasicRiskModel', module_path: 'a.b' },
          portfolio_model: { class: 'EqualWeightPortfolio' },
          execution_model: { class: 'MarketOrderExecution' },
          alpha_model: { class: 'MeanReversionAlpha', kwargs: { z_threshold: 1.5, lookback: 30 } },
          universe_model: { class: 'StaticUniverse', kwargs: { symbols: ['aapl'] } },
        },
        class: 'FrameworkAlgorithm',
      },
    });
    expect(old).toEqual(plain);
  });

  it('is idempotent but for the version', () => {
    const { recipe: once, specHash } = normaliseRecipe(
      recipe({ ...cross, risk: { class: 'Composite', kwargs: { models: [{ class: 'BasicRiskModel' }] } } }),
    );
    const { schema_version: _version, ...document } = once;
    expect(normaliseRecipe(document).specHash).toBe(specHash);
  });

  it.each([
    ['a key at the top', recipe({ ...cross, extra: { extras: 1 } }), '/extras'],
    ['a backtest kwarg', recipe({ ...cross, kwargs: { slipage_bps: 1 } }), '/backtest/kwargs/slipage_bps'],
    [
      'a component kwarg',
      recipe({ ...cross, alpha: { class: 'EmaCross', kwargs: { fats: 1 } } }),
      '/strategy/kwargs/alpha_model/kwargs/fats',
    ],
    [
      'a key of a table row',
      recipe({
        execution: {
          class: 'ScheduledOrders',
          kwargs: {
            orders: [
              { time: SESSIONS[0], vt_symbol: 'X.SIM', side: 'buy', order_type: 'market', quantity: 1, colour: 1 },
            ],
          },
        },
      }),
      '/strategy/kwargs/execution_model/kwargs/orders/0/colour',
    ],
    [
      'a key of the account',
      recipe({ ...cross, kwargs: { account: { type: 'cash', initial: 1 } } }),
      '/backtest/kwargs/account/initial',
    ],
    ['a key of the risk block', recipe({ ...cross, extra: { risk: { max_positon_pct: 1 } } }), '/risk/max_positon_pct'],
  ])('names the unknown key: %s', (_what, document, pointer) => {
    expect(refusal(document)).toMatchObject({ code: 'validation_failed', status: 422, pointers: [pointer] });
  });

  it.each([
    ['NaN cash', { initial_cash: Number.NaN }],
    ['no cash', { initial_cash: 0 }],
    ['too much cash', { initial_cash: 1e13 }],
    ['start after end', { start: '2020-01-02', end: '2020-01-02' }],
    ['sixty years', { start: '1950-01-02', end: '2010-01-04' }],
    ['bps', { slippage_bps: 10_001 }],
    ['no such day', { start: '2021-02-30' }],
    ['no such hour', { start: '2021-02-03T24:00:00Z' }],
    ['both forms', { slippage_bps: 1, slippage: { class: 'bps', kwargs: {} } }],
  ])('refuses %s', (_what, kwargs) => {
    expect(refusal(recipe({ ...cross, kwargs }))).toMatchObject({ code: 'validation_failed', status: 422 });
  });

  it('names the nearest component', () => {
    expect(refusal(recipe({ ...cross, alpha: { class: 'EmaCros' } }))).toMatchObject({
      code: 'unknown_component',
      pointers: ['/strategy/kwargs/alpha_model/class'],
      nearest: ['EmaCross', expect.any(String), expect.any(String)],
    });
    expect(refusal(recipe({ ...cross, alpha: { class: 'os.system' } })).code).toBe('unknown_component');
    expect(refusal(recipe({ ...cross, kwargs: { slippage: { class: 'bsp' } } })).pointers).toEqual([
      '/backtest/kwargs/slippage/class',
    ]);
  });

  it('points at bad parameters of a component', () => {
    expect(refusal(recipe({ ...cross, alpha: { class: 'EmaCross', kwargs: { fast: 5_001 } } }))).toMatchObject({
      code: 'invalid_component_params',
      pointers: ['/strategy/kwargs/alpha_model/kwargs/fast'],
    });
    const orders = [
      {
        time: '2024-02-30',
        vt_symbol: 'X.SIM',
        side: 'buy',
        order_type: 'market',
        quantity: 1,
        tif: 'gtd',
        gtd_until: '2024-03-01T24:00:00Z',
      },
    ];
    expect(refusal(recipe({ execution: { class: 'ScheduledOrders', kwargs: { orders } } }))).toMatchObject({
      code: 'invalid_component_params',
      pointers: ['time', 'gtd_until'].map((name) => `/strategy/kwargs/execution_model/kwargs/orders/0/${name}`),
    });
    expect(refusal(recipe({ portfolio: { class: 'FixedWeights', kwargs: { weights: { 'X.SIM': 11 } } } })).code).toBe(
      'invalid_component_params',
    );
    expect(refusal(recipe({ ...cross, symbols: ['X.NOWHERE'] }))).toMatchObject({
      code: 'invalid_component_params',
      pointers: ['/strategy/kwargs/universe_model/kwargs/symbols/0'],
    });
  });

  it('tells which models may be left out', () => {
    expect(refusal(recipe({ portfolio: cross.portfolio })).pointers).toEqual(['/strategy/kwargs/alpha_model']);
    expect(refusal(recipe({})).pointers).toEqual(['/strategy/kwargs/portfolio_model', '/strategy/kwargs/alpha_model']);
    expect(
      normaliseRecipe(recipe({ execution: { class: 'ScheduledOrders', kwargs: { orders: [] } } })).warmupBars,
    ).toBe(0);
  });

  it('refuses engines and cost models that are not here by their own codes', () => {
    expect(refusal({ ...recipe(cross), backtest: { engine: 'vectorbt' } }).code).toBe('engine_unavailable');
    expect(refusal({ ...recipe(cross), backtest: { engine: 'evnt' } })).toMatchObject({
      code: 'unknown_component',
      nearest: ['event'],
    });
    expect(refusal(recipe({ ...cross, kwargs: { slippage: { class: 'half_spread' } } })).code).toBe(
      'capability_mismatch',
    );
    expect(refusal(recipe({ ...cross, kwargs: { interval: 'tick' } })).code).toBe('capability_mismatch');
  });

  it.each([
    null,
    1,
    'text',
    [],
    {},
    { strategy: null },
    { strategy: { class: 'FrameworkAlgorithm' } },
    {
      strategy: {
        class: 'FrameworkAlgorithm',
        kwargs: { universe_model: { class: 'StaticUniverse', kwargs: { symbols: 'X' } } },
      },
    },
  ])('never throws anything else: %j', (document) => {
    expect(refusal(document).status).toBe(422);
  });
});

describe('componentCatalog', () => {
  it('serves a JSON Schema and a sample that the schema of the recipe accepts for every component', () => {
    const catalog = componentCatalog();
    expect(catalog.map((entry) => entry.class)).toEqual(
      expect.arrayContaining(['StaticUniverse', 'EmaCross', 'EqualWeight', 'BasicRisk', 'Bracket', 'bps', 'per_share']),
    );
    for (const entry of catalog)
      expect(entry.kwargs_schema).toMatchObject({ type: 'object', additionalProperties: false });
    for (const alpha of catalog.filter((entry) => entry.stage === 'alpha'))
      expect(normaliseRecipe(recipe({ ...cross, alpha: alpha.sample })).specHash).toMatch(/^[0-9a-f]{64}$/);
    for (const execution of catalog.filter((entry) => entry.stage === 'execution'))
      expect(normaliseRecipe(recipe({ ...cross, execution: execution.sample })).specHash).toMatch(/^[0-9a-f]{64}$/);
  });
});
