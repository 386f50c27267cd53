import { DAY_MS } from '../calendars/index.ts';
import type { OrderRequest, Signal, StrategyModels, Target } from '../strategy/index.ts';
import { ActiveSignals } from './active-signals.ts';
import type { RunContext } from './context.ts';
import type { SignalTable } from './signal-table.ts';
import type { RunState } from './state.ts';

const STALE_SESSIONS = 5;
const NO_ORDERS: readonly OrderRequest[] = [];
const NO_TARGETS: readonly Target[] = [];

/** Step 5 of trading.md 7.4: universe → alpha → portfolio → risk → execution, once for the whole slice. */
export class Decision {
  /** Slices decided so far. */
  decisions = 0;
  /** Decisions until the next construction. */
  #untilDue = 1;
  readonly #state: RunState;
  readonly #models: StrategyModels;
  readonly #ctx: RunContext;
  readonly #table: SignalTable;
  readonly #active: ActiveSignals;
  readonly #inUniverse: Uint8Array;
  readonly #stale: Uint8Array;
  readonly #shown: { portfolio: Float64Array; risk: Float64Array };
  #selected: readonly string[] | null = null;
  #members: readonly string[] = [];
  readonly #gone = new Set<number>();
  #staleDay = -1;
  #lastTargets: readonly Target[] = NO_TARGETS;

  constructor(state: RunState, models: StrategyModels, ctx: RunContext, table: SignalTable) {
    this.#state = state;
    this.#models = models;
    this.#ctx = ctx;
    this.#table = table;
    const symbols = state.market.symbols.length;
    this.#active = new ActiveSignals(table, symbols);
    this.#inUniverse = new Uint8Array(symbols);
    this.#stale = new Uint8Array(symbols);
    this.#shown = {
      portfolio: new Float64Array(symbols).fill(Number.NaN),
      risk: new Float64Array(symbols).fill(Number.NaN),
    };
  }

  /** `row` = equity row that this slice will get. */
  run(row: number): readonly OrderRequest[] {
    const ctx = this.#ctx;
    let zeroes = this.#selectUniverse();
    if (this.decisions === 0 && !this.#warm()) return NO_ORDERS;
    if (this.#models.alpha !== null) {
      const signals = this.#models.alpha.onSlice(this.#state.market.slice, this.#members, ctx);
      for (let i = 0; i < signals.length; i++) this.#take(signals[i]!, row);
      if (this.#active.expiring) zeroes = this.#expire(zeroes);
    }
    ctx.signalRevision = this.#active.revision;
    this.decisions++;
    const due = --this.#untilDue === 0;
    if (due) this.#untilDue = this.#models.rebalanceEvery;
    const constructed =
      due && this.#models.portfolio !== null ? this.#models.portfolio.construct(this.#active.list, ctx) : NO_TARGETS;
    const targets = zeroes === null ? constructed : withZeroes(constructed, zeroes, this.#state.market.symbols);
    if (this.#state.log.full) this.#report(targets, 'portfolio');
    const limited = this.#models.risk.evaluate(targets, ctx);
    if (limited !== targets && this.#state.log.full) this.#report(limited, 'risk', targets);
    return this.#models.execution.execute(limited, ctx);
  }

  /** The signals of a symbol end with its bracket: `reentry: next_signal`. */
  endSignals(id: number): void {
    this.#active.drop(id);
  }

  /** A delisted symbol leaves the universe for good; its position is paid out, so no weight 0 is added. */
  retire(id: number): void {
    this.#active.drop(id);
    this.#gone.add(id);
    this.#selected = null;
  }

  /** Warnings about entries of tables that never met their bar. */
  reportUnmatched(): void {
    const unmatched = [
      ...(this.#models.portfolio?.unmatched?.() ?? []),
      ...(this.#models.execution.unmatched?.() ?? []),
    ];
    if (unmatched.length > 0)
      this.#state.warnings.rows.push({
        code: 'unmatched_time',
        message: `No decision was made at the times of some scheduled entries: ${unmatched.slice(0, 10).join(', ')}.`,
        count: unmatched.length,
      });
  }

  /** Ids that left the universe with an active signal or a position, or null. */
  #selectUniverse(): number[] | null {
    const staleChanged = this.#markStale();
    const selected = this.#models.universe.select(this.#ctx);
    return selected === this.#selected && !staleChanged ? null : this.#changeUniverse(selected);
  }

  /** Apart from the above, which is asked at every bar: only short functions are inlined. */
  #changeUniverse(selected: readonly string[]): number[] | null {
    this.#selected = selected;
    const before = Uint8Array.from(this.#inUniverse);
    this.#inUniverse.fill(0);
    const members: string[] = [];
    for (const symbol of selected) {
      const id = this.#state.market.idOf(symbol);
      if (id === undefined || this.#stale[id] || this.#gone.has(id)) continue;
      this.#inUniverse[id] = 1;
      members.push(symbol);
    }
    this.#members = members;
    this.#ctx.universe = members;
    let left: number[] | null = null;
    for (let id = 0; id < before.length; id++)
      if (before[id] && !this.#inUniverse[id] && (this.#active.drop(id) || this.#state.account.quantity[id] !== 0))
        (left ??= []).push(id);
    return left;
  }

  /**
   * Symbols without a bar for five closed sessions of theirs leave until one comes; those that trade no more have left
   * already. Asked once per session date, and at every slice while a symbol is stale or about to be.
   */
  #markStale(): boolean {
    const { market, day } = this.#state;
    return market.symbols.length > 1 && day !== this.#staleDay && this.#lookForStale();
  }

  #lookForStale(): boolean {
    const { market, now, options } = this.#state;
    // A week is named by its first session, and other exchanges' weeks end before it does.
    const weekly = options.interval === '1w';
    const day = weekly ? Math.floor(now / DAY_MS) : this.#state.day;
    this.#staleDay = weekly ? -1 : day;
    let changed = false;
    for (let id = 0; id < market.symbols.length; id++) {
      const count = market.count[id]!;
      if (count === 0 || market.removed[id]) continue;
      const last = this.#lastDay(id, count - 1);
      const stale = day - last >= STALE_SESSIONS && this.#closedSessions(id, last, day) >= STALE_SESSIONS ? 1 : 0;
      if (day - last >= STALE_SESSIONS) this.#staleDay = -1;
      if (stale === this.#stale[id]) continue;
      this.#stale[id] = stale;
      changed = true;
      if (stale)
        this.#state.warnings.add(
          'stale_symbol',
          'No bar for five sessions: the symbol left the universe.',
          market.symbols[id],
        );
    }
    return changed;
  }

  /** Date of the last session in a bar: of a week not the one that names it. */
  #lastDay(id: number, bar: number): number {
    const { market, options } = this.#state;
    if (options.interval !== '1w') return market.day[id]![bar]!;
    return market.calendars[id]!.sessionAt(market.known[id]![bar]! - 1)!.label / DAY_MS;
  }

  /** Sessions of the symbol's calendar after the day `last` up to `day` that have closed by now. */
  #closedSessions(id: number, last: number, day: number): number {
    const date = (days: number): string => new Date(days * DAY_MS).toISOString().slice(0, 10);
    let closed = 0;
    for (const session of this.#state.market.calendars[id]!.sessions(date(last + 1), date(day)))
      if (session.close <= this.#state.now) closed++;
    return closed;
  }

  #warm(): boolean {
    const needed = Math.max(1, this.#models.warmupBars);
    for (const symbol of this.#members)
      if (this.#state.market.count[this.#state.market.idOf(symbol)!]! >= needed) return true;
    return false;
  }

  #take(signal: Signal, row: number): void {
    const { market, log } = this.#state;
    const id = signal.id ?? market.idOf(signal.vtSymbol);
    if (id === undefined || !this.#inUniverse[id]) return;
    const kind = this.#table.add(row, id, signal);
    if (log.full)
      log.signal(
        market.symbolTexts[id]!,
        signal.source,
        signal.direction,
        signal.strength,
        signal.confidence,
        signal.horizonBars,
      );
    this.#active.put(id, signal, kind, market.count[id]! - 1);
  }

  #expire(zeroes: number[] | null): number[] | null {
    const slice = this.#state.market.slice;
    for (let k = 0; k < slice.size; k++) {
      const id = slice.ids[k]!;
      if (this.#active.expire(id, slice.indexes[k]!)) (zeroes ??= []).push(id);
    }
    return zeroes;
  }

  /**
   * TARGET events: a weight that differs from the last one shown for that symbol and stage; of the risk stage only what
   * it changed.
   */
  #report(targets: readonly Target[], stage: 'portfolio' | 'risk', unchanged: readonly Target[] = NO_TARGETS): void {
    const { log, market } = this.#state;
    if (stage === 'portfolio' && targets === this.#lastTargets) return;
    if (stage === 'portfolio') this.#lastTargets = targets;
    const shown = this.#shown[stage];
    for (const target of targets) {
      const id = target.id ?? market.idOf(target.vtSymbol);
      if (id === undefined || Object.is(shown[id], target.weight)) continue;
      if (
        stage === 'risk' &&
        unchanged.some((other) => other.vtSymbol === target.vtSymbol && other.weight === target.weight)
      )
        continue;
      shown[id] = target.weight;
      log.target(market.symbolTexts[id]!, target.weight, stage);
    }
  }
}

/** A target of the portfolio wins over a zero of the framework; by symbol. */
function withZeroes(targets: readonly Target[], ids: readonly number[], symbols: readonly string[]): Target[] {
  const named = new Set(targets.map((target) => target.vtSymbol));
  return [
    ...targets,
    ...ids.filter((id) => !named.has(symbols[id]!)).map((id) => ({ vtSymbol: symbols[id]!, id, weight: 0 })),
  ].sort((a, b) => (a.vtSymbol < b.vtSymbol ? -1 : a.vtSymbol > b.vtSymbol ? 1 : 0));
}
