import { hashCanonical } from '#kernel';
import { calendarFor, type Calendar } from '#quant/calendars';
import { barsOf, lineBars, pairsOf, periodOf, unitValue, type Held } from './comparison.ts';
import { Deciding } from './deciding.ts';
import { dec, num, plain } from './decimal.ts';
import { referenceMetrics } from './metrics.ts';
import { vtSymbol } from './recipe.ts';
import { atOrAfterStart, byCodePoint, exchangeOf, referenceDatasetHash, type SliceOfBars } from './slices.ts';
import type { ReferenceInput } from './input.ts';
import { iso, shown, tenth, working, type ReferenceOutput, type Row } from './state.ts';

export type { Action, ReferenceInput } from './input.ts';
export type { ReferenceOutput, Row } from './state.ts';

/** The steps of trading.md 7.4 in their order, and the rows of trading.md 7.10. */
class Run extends Deciding {
  run(): ReferenceOutput {
    let started = false;
    let previousSession: string | null = null;
    const startTime = this.slices.find((slice) => atOrAfterStart(slice, this.k.start))?.time ?? 0;
    const endTime = this.slices.at(-1)?.time ?? 0;
    for (const [i, all] of this.slices.entries()) {
      const slice = this.tradable(all);
      if (slice.bars.length === 0) continue;
      this.now = slice.time;
      if (slice.session > this.session) this.session = slice.session;
      if (atOrAfterStart(slice, this.k.start)) {
        // Bars before the start are history: no session of theirs is one of the run.
        if (!started) this.session = slice.session;
        started = true;
      }
      if (!started) {
        this.corporateActions(slice, false);
        this.append(slice);
        continue;
      }
      this.emit('CLOCK');
      this.expireGtd();
      if (previousSession !== null)
        this.accrue(Math.round((Date.parse(this.session) - Date.parse(previousSession)) / 86_400_000));
      previousSession = this.session;
      this.expireDay(slice);
      this.corporateActions(slice, true);
      this.liquidate(slice);
      this.match(slice);
      this.append(slice);
      for (const bar of slice.bars)
        this.emit('MARKET', {
          vt_symbol: bar.symbol,
          o: bar.open,
          h: bar.high,
          l: bar.low,
          c: bar.close,
          v: Number.isNaN(bar.volume) ? undefined : bar.volume,
        });
      this.markToMarket(slice);
      let decided = false;
      if (!this.over) decided = this.decide(slice);
      const ended = !this.slices.slice(i + 1).some((later) => this.tradable(later).bars.length > 0);
      if (ended && !this.over) this.endOfData();
      this.snapshot(decided);
      if (this.over) break;
    }
    if (this.equityRows.length === 0) throw new Error('no_data');
    if (this.decisions === 0) this.warn('no_decision');
    this.unmatched();
    this.withoutEffect();
    return this.result(startTime, endTime);
  }

  /** A symbol that has left has no more bars. */
  tradable(slice: SliceOfBars): SliceOfBars {
    const bars = slice.bars.filter((bar) => !this.delisted.has(bar.symbol));
    return {
      ...slice,
      bars,
      session:
        bars
          .map((bar) => bar.session)
          .sort()
          .at(-1) ?? slice.session,
    };
  }

  endOfData(): void {
    for (const order of this.orders.filter(working)) this.setStatus(order, 'expired', 'end_of_data');
    if (!this.k.close_at_end) return;
    this.closeAll('close_at_end');
    this.remark(true);
  }

  snapshot(decided: boolean): void {
    const symbols = [...this.position.keys()].sort(byCodePoint);
    const values = symbols.map((symbol) => num(this.qty(symbol)) * this.mark.get(symbol)!);
    const positions: Row = {};
    for (const symbol of symbols)
      positions[symbol] = {
        quantity: num(this.qty(symbol)),
        avg_price: num(tenth(this.position.get(symbol)!.average)),
      };
    const costs = this.totals.commission.plus(this.totals.slippage).plus(this.totals.borrow).plus(this.totals.interest);
    this.equityRows.push({
      ts: iso(this.now),
      equity: this.equity,
      cash: num(this.cash),
      gross: values.reduce((a, x) => a + Math.abs(x), 0),
      net: values.reduce((a, x) => a + x, 0),
      positions,
      drawdown: this.drawdown,
      costs: num(costs),
      held: symbols.length > 0,
      session: this.session,
      decided,
    });
    const texts: Row = {};
    for (const symbol of symbols)
      texts[symbol] = {
        quantity: plain(this.qty(symbol)),
        avg_price: plain(tenth(this.position.get(symbol)!.average)),
      };
    this.emit('SNAPSHOT', { equity: plain(dec(shown(this.equity))), cash: plain(this.cash), positions: texts });
  }

  unmatched(): void {
    const { portfolio_model: portfolio, execution_model: execution } = this.recipe.strategy.kwargs;
    const rows =
      portfolio?.class === 'ScheduledTargets'
        ? portfolio.kwargs.targets
        : execution.class === 'ScheduledOrders'
          ? execution.kwargs.orders
          : [];
    if (rows.some((row: unknown) => !this.matched.has(row))) this.warn('unmatched_time');
  }

  /**
   * Inputs that changed nothing: actions that came too late or for a symbol that had left, and those of symbols that
   * nobody trades.
   */
  withoutEffect(): void {
    for (const action of this.input.actions ?? []) {
      const symbol = vtSymbol(action.vt_symbol);
      const inRun = this.bars.some((bar) => bar.symbol === symbol);
      if (inRun && (!this.applied.has(action) || this.tooLate.has(action)))
        this.warn('action_without_effect', symbol, 1);
      else if (symbol === this.k.benchmark) continue;
      else if (!inRun || (this.posted.has(action) && !this.ordered.has(symbol)))
        this.warn('action_without_symbol', symbol, 1);
    }
    if (this.k.benchmark !== null && this.held.bars(this.k.benchmark).length === 0)
      this.warn('benchmark_without_data', this.k.benchmark, 1);
  }

  /** What comparison series may hold: a unit moves to another symbol only where the run does. */
  get held(): Held {
    const all = barsOf(this.input.bars, this.k);
    return {
      bars: (symbol) => (symbol === this.k.benchmark || this.universe.includes(symbol) ? all(symbol) : []),
      actions: this.input.actions ?? [],
      kwargs: this.k,
    };
  }

  /**
   * A row per equity row, of what is known at its instant: E_0 until something is bought, which the benchmark is at
   * E_0, or at its first pair.
   */
  comparison(): Row[] {
    const first = this.equityRows.find((row) => row.decided);
    const { held } = this;
    const symbols = this.universe.filter((symbol) => this.bars.some((bar) => bar.symbol === symbol));
    const grown = (symbol: string, from: number, at: number): number => {
      const unit = from > at ? null : unitValue(held, symbol, from, at);
      return unit === null ? 1 : unit.value / unit.cost;
    };
    const pairs = first === undefined ? null : this.benchmarkPairs();
    return this.equityRows.map((row) => {
      const at = Date.parse(row.ts);
      if (first === undefined) return { session_date: row.session, ts: row.ts, buy_and_hold: null, benchmark: null };
      const start = Date.parse(first.ts);
      const value = (names: string[], from: number): number =>
        shown(names.reduce((total, symbol) => total + (first.equity / names.length) * grown(symbol, from, at), 0));
      const entry = pairs === null || pairs.entry === undefined || pairs.returns[0] !== null ? start : pairs.entry;
      return {
        session_date: row.session,
        ts: row.ts,
        buy_and_hold: value(symbols, start),
        benchmark: pairs && value([this.k.benchmark], entry),
      };
    });
  }

  /**
   * Rows of the periods of trading.md 7.9: E_0 and the later closes of sessions of the calendar of A, the last row in
   * any case; weeks by week.
   */
  periods(): typeof this.equityRows {
    const first = this.equityRows.findIndex((row) => row.decided);
    const later = this.equityRows.slice(first + 1);
    const { calendar } = this;
    const { interval } = this.k;
    const counts = (session: string): boolean =>
      interval === '1w' || calendar.lenient || calendar.sessions(session, session).length > 0;
    const closing = later.filter((row, i) => {
      const next = later[i + 1];
      return (
        next === undefined ||
        (periodOf(next.session, interval) !== periodOf(row.session, interval) && counts(row.session))
      );
    });
    return [this.equityRows[first]!, ...(this.k.metrics_freq === 'bar' ? later : closing)];
  }

  get calendar(): Calendar {
    return calendarFor(this.k.calendar ?? exchangeOf(this.universe[0]!));
  }

  /** Returns of the benchmark over the periods that both have; null without a benchmark. */
  benchmarkPairs(): { returns: (number | null)[]; entry: number | undefined } | null {
    const { benchmark } = this.k;
    const { held } = this;
    if (benchmark === null || held.bars(benchmark).length === 0) return null;
    const pairs = pairsOf(
      lineBars(held, benchmark),
      this.periods().map((row) => ({ ts: Date.parse(row.ts), session: row.session })),
      this.k,
    );
    const entry = pairs.find((pair) => pair !== null)?.from;
    const worth = (at: number): number => unitValue(held, benchmark, entry!, at)!.value;
    return { returns: pairs.map((pair) => (pair === null ? null : worth(pair.to) / worth(pair.from) - 1)), entry };
  }

  metrics(): Record<string, number | null> {
    const all = this.periods();
    const rows = all.slice(1);
    const { calendar } = this;
    const minutes: Record<string, number> = {
      '1s': 1 / 60,
      '5s': 5 / 60,
      '10s': 1 / 6,
      '1m': 1,
      '5m': 5,
      '15m': 15,
      '1h': 60,
    };
    const perSession =
      this.k.metrics_freq === 'bar' && minutes[this.k.interval]
        ? Math.ceil(calendar.sessionMinutes / minutes[this.k.interval]!)
        : 1;
    const pairs = this.benchmarkPairs();
    const gaps = pairs?.returns.filter((value) => value === null).length ?? 0;
    if (gaps > 0) this.warn('benchmark_gaps', this.k.benchmark, gaps);
    return referenceMetrics({
      equity: all.map((row) => row.equity),
      costs: all.map((row) => row.costs),
      held: rows.map((row) => row.held),
      gross: rows.map((row) => row.gross),
      net: rows.map((row) => row.net),
      benchmark: pairs && pairs.returns,
      periodsPerYear: this.k.interval === '1w' ? 52 : calendar.sessionsPerYear * perSession,
      riskFree: this.k.risk_free,
      mar: this.k.mar,
      traded: num(this.traded),
      trips: this.roundTrips.map((trip) => ({ pnl: Number(trip.pnl), bars_held: trip.bars_held })),
      totals: {
        commission: num(this.totals.commission),
        slippage: num(this.totals.slippage),
        borrow: num(this.totals.borrow),
        interest: num(this.totals.interest),
      },
      counts: { bars: this.bars.length, orders: this.orders.length, fills: this.fills.length },
    });
  }

  result(start: number, end: number): ReferenceOutput {
    const datasetHash = referenceDatasetHash(this.bars);
    const exchanges = [...new Set(this.universe.map(exchangeOf))].sort(byCodePoint);
    const contextHash = hashCanonical({
      actions: this.input.actions ?? [],
      instruments: this.input.instruments ?? {},
      calendar_versions: Object.fromEntries(exchanges.map((name) => [name, calendarFor(name).version])),
    });
    const runHash = hashCanonical({
      engine: 'event',
      engine_version: this.input.engineVersion ?? 'reference',
      spec_hash: this.specHash,
      dataset_hash: datasetHash,
      context_hash: contextHash,
      seed: this.input.seed,
      start: iso(start),
      end: iso(end),
    });
    const rows = this.orders.map((o) => ({
      order_id: o.id,
      parent_order_id: o.parent,
      contingency: o.contingency,
      group_id: o.group,
      origin: o.origin,
      vt_symbol: o.symbol,
      side: o.side > 0 ? 'buy' : 'sell',
      order_type: o.type,
      requested_quantity: plain(o.requested),
      quantity: plain(o.quantity),
      limit_price: o.limit && plain(o.limit),
      stop_price: o.stop && plain(o.stop),
      tif: o.tif,
      reduce_only: o.reduceOnly,
      status: o.status,
      filled_quantity: plain(o.filled),
      avg_fill_price: o.filled.isZero() ? null : plain(tenth(o.notional.div(o.filled))),
      deny_codes: o.deny,
      reason: o.reason,
      submitted_at: o.submitted,
      updated_at: o.updated,
      live_from: o.liveFrom === null ? null : iso(o.liveFrom),
    }));
    return {
      specHash: this.specHash,
      datasetHash,
      contextHash,
      runHash,
      eventLogHash: this.chain,
      events: this.events,
      fills: this.fills,
      orders: rows,
      signals: this.signals,
      equity: this.equityRows.map(({ ts, session, equity, cash, gross, net, positions, drawdown }) => ({
        ts,
        session_date: session,
        equity: shown(equity),
        cash: shown(cash),
        gross: shown(gross),
        net: shown(net),
        positions,
        drawdown,
      })),
      roundTrips: this.roundTrips,
      metrics: this.decisions === 0 ? {} : this.metrics(),
      comparison: this.comparison(),
      warnings: this.warnings,
    };
  }
}

/**
 * One backtest, bar by bar, as trading.md 7.1 to 7.10 say it. Throws when the document names something the reference
 * does not know.
 */
export function referenceRun(input: ReferenceInput): ReferenceOutput {
  return new Run(input).run();
}
