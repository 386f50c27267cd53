import { decimal } from '../decimal/index.ts';
import { computeMetrics, sampleRows, type Metrics } from '../metrics/index.ts';
import {
  buildComponent,
  findComponent,
  type CommissionModel,
  type SlippageModel,
  type Stage,
} from '../models/index.ts';
import type { NormalisedRecipe } from '../recipe/index.ts';
import type {
  AlphaModel,
  ExecutionModel,
  PortfolioModel,
  RiskModel,
  StrategyModels,
  UniverseModel,
} from '../strategy/index.ts';
import { Acceptance } from './acceptance.ts';
import { Account } from './account.ts';
import { Book } from './book.ts';
import { BuyingPower } from './buying-power.ts';
import { Comparison } from './comparison.ts';
import { CorporateActions } from './corporate-actions.ts';
import { RunContext } from './context.ts';
import { Decision } from './decision.ts';
import { DueActions } from './due-actions.ts';
import { EquityTable } from './equity-table.ts';
import { EventLog } from './event-log.ts';
import { Execution } from './execution.ts';
import { BacktestFailure } from './failure.ts';
import { Slipping } from './fill-price.ts';
import { lotSize } from './lot-size.ts';
import { Market } from './market.ts';
import { Matching } from './matching.ts';
import { PolicyGate } from './policies/index.ts';
import { identify, prepareRun, type PreparedRun } from './prepare.ts';
import { QuietBars } from './quiet-bars.ts';
import { RiskMonitor } from './risk-monitor.ts';
import { SessionWork } from './session-work.ts';
import { SignalTable } from './signal-table.ts';
import { Warnings, type RunState } from './state.ts';
import { moneyText, shown } from './shown-money.ts';
import type { BacktestArtifacts, BacktestHooks, BacktestInput, BacktestOutput } from './types.ts';

const CHECK_EVERY = 256;
/** Money has 28 digits, 8 of them decimals. */
const MOST_MONEY = 1e20;

/** The five models that a normalised recipe names, fresh for one run. */
export function buildModels(recipe: NormalisedRecipe): StrategyModels {
  const { kwargs } = recipe.strategy;
  const environment = { interval: recipe.backtest.kwargs.interval };
  const specs = {
    universe: kwargs.universe_model,
    alpha: kwargs.alpha_model,
    portfolio: kwargs.portfolio_model,
    risk: kwargs.risk_model,
    execution: kwargs.execution_model,
  };
  const build = (stage: keyof typeof specs): unknown =>
    specs[stage] ? buildComponent(stage, specs[stage], environment) : null;
  const warmups = (Object.keys(specs) as (keyof typeof specs)[]).map((stage) =>
    specs[stage] ? findComponent(stage as Stage, specs[stage].class)!.warmupBars(specs[stage].kwargs) : 0,
  );
  return {
    universe: build('universe') as UniverseModel,
    alpha: build('alpha') as AlphaModel | null,
    portfolio: build('portfolio') as PortfolioModel | null,
    risk: build('risk') as RiskModel,
    execution: build('execution') as ExecutionModel,
    rebalanceEvery: kwargs.rebalance_every,
    warmupBars: Math.max(...warmups),
  };
}

/**
 * Runs a recipe over bars (trading.md 7.4), under the policies of 8.3 when it has a `risk` block. Pure: equal input
 * gives byte-equal output. Throws BacktestFailure (`no_data`, `look_ahead`, `cancelled`, `double_adjustment`,
 * `budget_exceeded`).
 */
export function runBacktest(input: BacktestInput, hooks: BacktestHooks = {}): BacktestOutput {
  return runStrategy(buildModels(input.recipe), input, hooks);
}

/** The same with models of the caller's own, written against the public interfaces. */
export function runStrategy(models: StrategyModels, input: BacktestInput, hooks: BacktestHooks = {}): BacktestOutput {
  const prepared = prepareRun(input);
  return new BacktestRun(models, input, prepared, hooks).run();
}

class BacktestRun {
  readonly #input: BacktestInput;
  readonly #prepared: PreparedRun;
  readonly #hooks: BacktestHooks;
  readonly #models: StrategyModels;
  readonly #state: RunState;
  readonly #ctx: RunContext;
  readonly #signals: SignalTable;
  readonly #equity: EquityTable;
  readonly #execution: Execution;
  readonly #matching: Matching;
  readonly #monitor: RiskMonitor;
  readonly #actions: CorporateActions;
  readonly #session: SessionWork;
  readonly #decision: Decision;
  readonly #acceptance: Acceptance;
  readonly #quiet: QuietBars | null;
  readonly #margin: boolean;
  /** Equity row of the first decision, −1 before it, and the costs up to then. */
  #firstRow = -1;
  #firstCosts: decimal.Integer = 0;

  constructor(models: StrategyModels, input: BacktestInput, prepared: PreparedRun, hooks: BacktestHooks) {
    this.#input = input;
    this.#prepared = prepared;
    this.#hooks = hooks;
    this.#models = models;
    const options = input.recipe.backtest.kwargs;
    this.#margin = options.account.type === 'margin';
    const market = new Market(prepared);
    const log = new EventLog(options.event_log);
    const account = new Account(options.account.type, options.initial_cash, market, log);
    const warnings = new Warnings();
    warnings.take(prepared.warnings);
    const instruments = market.symbols.map((symbol) => input.instruments?.[symbol]);
    const environment = { interval: options.interval };
    this.#state = {
      options,
      market,
      account,
      log,
      warnings,
      book: new Book(log, market.slice, market.symbols),
      slippage: buildComponent('slippage', options.slippage, environment) as SlippageModel,
      commission: buildComponent('commission', options.commission, environment) as CommissionModel,
      lot: Float64Array.from(instruments, (rules, id) =>
        lotSize(market.symbols[id]!, rules?.lot_size, options.lot_size),
      ),
      tick: instruments.map((rules) => (rules?.tick_size == null ? null : decimal.exact(rules.tick_size))),
      notBorrowable: new Set(options.not_borrowable),
      gate: null,
      now: 0,
      day: -1,
      equity: options.initial_cash,
    };
    if (input.recipe.risk !== undefined)
      this.#state.gate = new PolicyGate(
        this.#state,
        prepared.symbols,
        instruments.map((rules) => rules?.sector ?? null),
        input.recipe.risk,
      );
    this.#ctx = new RunContext(this.#state, input.seed, prepared.calendar);
    this.#signals = new SignalTable(market.symbols, prepared.bars);
    this.#equity = new EquityTable(prepared);
    this.#decision = new Decision(this.#state, models, this.#ctx, this.#signals);
    const power = new BuyingPower(this.#state);
    const slipping = new Slipping(this.#state);
    this.#execution = new Execution(this.#state, slipping, (id) => {
      if (options.reentry === 'next_signal') this.#decision.endSignals(id);
    });
    this.#matching = new Matching(this.#state, power, slipping, this.#execution);
    this.#monitor = new RiskMonitor(this.#state, this.#execution);
    const due = new DueActions(prepared.actions, prepared.symbols, options);
    this.#actions = new CorporateActions(this.#state, this.#execution, due, models.alpha, (id) =>
      this.#decision.retire(id),
    );
    this.#session = new SessionWork(this.#state, due, this.#actions);
    this.#acceptance = new Acceptance(this.#state, power);
    const steps = {
      session: this.#session,
      decision: this.#decision,
      acceptance: this.#acceptance,
      equity: this.#equity,
    };
    this.#quiet = QuietBars.possible(this.#state) ? new QuietBars(this.#state, this.#ctx, steps) : null;
  }

  run(): BacktestOutput {
    const identity = identify(this.#input, this.#prepared);
    const { market } = this.#state;
    this.#hooks.onStage?.('data.loaded', {
      bars: this.#prepared.bars,
      symbols: market.symbols.length,
      dataset_hash: identity.datasetHash,
    });
    this.#hooks.onStage?.('warmup', { bars: this.#models.warmupBars });
    this.#actions.skipHistory(lastOfHistory(this.#prepared));
    this.#models.alpha?.precompute?.(market);
    const slices = this.#loop();
    if (slices === 0)
      throw new BacktestFailure('no_data', 'Every symbol of the universe had left the market before the first slice.');
    this.#decision.reportUnmatched();
    this.#actions.report();
    if (this.#firstRow < 0)
      this.#state.warnings.rows.push({ code: 'no_decision', message: 'No slice had enough history for a decision.' });
    return this.#output(identity, slices);
  }

  #loop(): number {
    const { market } = this.#state;
    const total = this.#prepared.symbols.reduce((sum, symbol) => sum + symbol.known.length - symbol.startIndex, 0);
    let slices = 0;
    let done = 0;
    for (;;) {
      if (slices % CHECK_EVERY === 0) this.#check(done, total);
      const quiet = this.#quiet?.run(CHECK_EVERY - (slices % CHECK_EVERY)) ?? 0;
      done += quiet;
      slices += quiet;
      if (quiet > 0) continue;
      if (!market.advance()) break;
      done += market.slice.size;
      slices++;
      if (this.#slice()) break;
    }
    this.#hooks.onProgress?.({ pct: 100, bars_done: done, bars_total: total, equity: shown(this.#state.equity) });
    return slices;
  }

  #check(done: number, total: number): void {
    if (this.#hooks.cancelled?.()) throw new BacktestFailure('cancelled', 'The run was cancelled.');
    this.#hooks.onProgress?.({
      pct: (100 * done) / total,
      bars_done: done,
      bars_total: total,
      equity: shown(this.#state.equity),
    });
  }

  /** The seven steps of one slice; true when the run is over (ruin). */
  #slice(): boolean {
    const state = this.#state;
    const { market, account, book, log } = state;
    this.#openSlice();
    if (this.#monitor.called) this.#monitor.liquidate();
    if (!book.idle) this.#matching.run();
    market.append();
    if (log.full) this.#logBars();
    const ruined = this.#mark();
    if (ruined) this.#end('ruin', true);
    else {
      const requests = this.#decision.run(this.#equity.length);
      if (requests.length > 0) this.#acceptance.run(requests);
      if (this.#firstRow < 0 && this.#decision.decisions > 0) {
        this.#firstRow = this.#equity.length;
        this.#firstCosts = this.#costs();
      }
      if (market.ended) this.#end('end_of_data', state.options.close_at_end);
    }
    if (log.full) log.snapshot(moneyText(state.equity), account.cashText, account.positionsText());
    this.#equity.add(state.now, state.day, state.equity, account);
    return ruined;
  }

  #openSlice(): void {
    const state = this.#state;
    const { market, log } = state;
    const previous = state.day;
    const day = market.latestDay(previous);
    state.now = market.slice.now;
    state.day = day;
    if (!log.off) {
      log.at(state.now);
      log.clock();
    }
    if (state.book.dated) this.#session.expireDated();
    if (day === previous && !this.#session.isDue(state.now)) return;
    this.#session.run(previous < 0 ? 0 : day - previous);
  }

  #logBars(): void {
    const { market, log } = this.#state;
    const slice = market.slice;
    for (let k = 0; k < slice.size; k++)
      log.market(
        market.symbolTexts[slice.ids[k]!]!,
        slice.open(k),
        slice.high(k),
        slice.low(k),
        slice.close(k),
        slice.volume(k),
      );
  }

  /** Equity at the close, peaks, trailing stops, monitors; true at ruin. */
  #mark(): boolean {
    const state = this.#state;
    const { account, book } = state;
    state.equity = account.mark();
    if (state.equity > this.#ctx.portfolio.peak) this.#ctx.portfolio.peak = state.equity;
    if (!book.idle) this.#trail();
    if (state.equity <= 0) return true;
    if (this.#margin) this.#monitor.watch();
    state.gate?.watch();
    return false;
  }

  #trail(): void {
    const { book, market } = this.#state;
    for (const order of book.working) {
      if (!order.rule.trails) continue;
      const { id } = order;
      const k = market.slice.find(id);
      const last = market.mark[id]!;
      if (Number.isNaN(last)) continue;
      // The extremes of a bar that had begun before the order may be older than the order.
      if (order.extreme === null) order.trail(last, last);
      else if (k >= 0 && order.livesIn(market.opened[id]![market.slice.indexes[k]!]!))
        order.trail(market.slice.high(k), market.slice.low(k));
      else if (k >= 0) order.trail(last, last);
    }
  }

  #end(reason: 'ruin' | 'end_of_data', close: boolean): void {
    const state = this.#state;
    const { book } = state;
    for (const order of book.working) {
      if (reason === 'ruin') book.cancel(order, reason);
      else book.expire(order, reason);
    }
    if (reason === 'ruin')
      state.warnings.add('ruin', 'Equity fell to zero or below; the positions were closed and the run ended.');
    if (close) this.#monitor.closeAll(reason);
    state.equity = state.account.mark();
  }

  #costs(): decimal.Integer {
    const { costs } = this.#state.account;
    return decimal.sum(decimal.sum(costs.commission, costs.slippage), decimal.sum(costs.borrow, costs.interest));
  }

  #output(identity: ReturnType<typeof identify>, slices: number): BacktestOutput {
    const { account, book, log, options, warnings } = this.#state;
    const equity = this.#equity.columns();
    const money = decimal.unitsToNumber;
    const final = equity.equity[equity.length - 1]!;
    if (!(Math.abs(final) < MOST_MONEY))
      throw new BacktestFailure('bad_input', `The equity grew to ${final}; money is counted below ${MOST_MONEY}.`);
    if (options.event_log !== log.mode)
      warnings.rows.push({
        code: 'event_log_partial',
        message:
          'The event log reached 2 GiB: from there on it holds orders and money only, and the run cannot be replayed.',
      });
    const samples = sampleRows(this.#equity.days, equity.length, this.#firstRow, this.#prepared.calendar, options);
    const comparison = new Comparison(this.#prepared, { equity, samples }, options);
    warnings.rows.push(...comparison.warnings());
    const metrics: Metrics = computeMetrics({
      equity: {
        length: equity.length,
        equity: equity.equity,
        exposures: (rows, take) => this.#equity.exposures(rows, take),
      },
      samples,
      calendar: this.#prepared.calendar,
      options,
      benchmark: comparison.paired,
      roundTrips: account.trips.results(),
      costs: {
        commission: money(account.costs.commission),
        slippage: money(account.costs.slippage),
        borrow: money(account.costs.borrow),
        interest: money(account.costs.interest),
        atFirst: money(this.#firstCosts),
        atEnd: money(this.#costs()),
      },
      traded: money(account.traded),
      bars: this.#prepared.bars,
      orders: book.count,
      fills: this.#execution.count,
    });
    this.#hooks.onStage?.('metrics', { summary: metrics });
    return {
      ...identity,
      eventLogHash: log.hash,
      eventLogMode: log.mode,
      interval: options.interval,
      currency: options.currency,
      initialCash: options.initial_cash,
      firstDecision: this.#firstRow < 0 ? null : new Date(equity.time[this.#firstRow]!).toISOString(),
      metrics,
      warnings: warnings.rows,
      counts: {
        bars: this.#prepared.bars,
        slices,
        orders: book.count,
        fills: this.#execution.count,
        signals: this.#signals.length,
        roundTrips: account.trips.count,
        equityRows: equity.length,
        events: log.events,
      },
      finalEquity: shown(final),
      artifacts: lazyArtifacts(equity, this.#signals.columns(equity.time), log.bytes(), {
        orders: () => book.rows(),
        fills: () => this.#execution.rows(),
        roundTrips: () => account.trips.rows(),
        comparison: () => comparison.columns(),
      }),
    };
  }
}

/**
 * Instant of the newest bar before the first slice, −Infinity when there is none: an action that comes after it is
 * posted.
 */
function lastOfHistory({ symbols }: PreparedRun): number {
  return symbols.reduce(
    (latest, { known, startIndex }) => (startIndex === 0 ? latest : Math.max(latest, known[startIndex - 1]!)),
    Number.NEGATIVE_INFINITY,
  );
}

type Rows = Pick<BacktestArtifacts, 'orders' | 'fills' | 'roundTrips' | 'comparison'>;

/** Rows are written out when they are first asked for (structured cloning asks for them): a sweep never does. */
function lazyArtifacts(
  equity: BacktestArtifacts['equity'],
  signals: BacktestArtifacts['signals'],
  eventLog: Uint8Array | null,
  rows: { [K in keyof Rows]: () => Rows[K] },
): BacktestArtifacts {
  const made: { [K in keyof Rows]?: Rows[K] } = {};
  return {
    equity,
    signals,
    eventLog,
    get orders() {
      return (made.orders ??= rows.orders());
    },
    get fills() {
      return (made.fills ??= rows.fills());
    },
    get roundTrips() {
      return (made.roundTrips ??= rows.roundTrips());
    },
    get comparison() {
      return (made.comparison ??= rows.comparison());
    },
  };
}
