import type { Acceptance } from './acceptance.ts';
import type { RunContext } from './context.ts';
import type { Decision } from './decision.ts';
import type { EquityTable } from './equity-table.ts';
import type { SessionWork } from './session-work.ts';
import type { RunState } from './state.ts';

/**
 * Bars of a run with one symbol at which nothing can happen but a mark and a decision: no order works, no event is
 * written, no posting is due, no margin or policy is watched. They take the same steps in the same order as any slice,
 * without those that have nothing to do; a test holds both ways against each other. Most bars of a long run are of this
 * kind.
 */
export class QuietBars {
  readonly #state: RunState;
  readonly #ctx: RunContext;
  readonly #session: SessionWork;
  readonly #decision: Decision;
  readonly #acceptance: Acceptance;
  readonly #equity: EquityTable;

  constructor(
    state: RunState,
    ctx: RunContext,
    steps: { session: SessionWork; decision: Decision; acceptance: Acceptance; equity: EquityTable },
  ) {
    this.#state = state;
    this.#ctx = ctx;
    this.#session = steps.session;
    this.#decision = steps.decision;
    this.#acceptance = steps.acceptance;
    this.#equity = steps.equity;
  }

  /** Whether a run can have such bars at all. */
  static possible({ market, log, account, gate }: RunState): boolean {
    return market.symbols.length === 1 && log.off && account.kind === 'cash' && gate === null;
  }

  /**
   * Takes up to `most` of them from the next bar on, and returns how many there were. It stops before the last bar,
   * before ruin and after a bar with orders; there are none of a symbol that left the market.
   */
  run(most: number): number {
    const state = this.#state;
    const { market, account, book } = state;
    const decision = this.#decision;
    if (!book.idle || decision.decisions === 0 || market.removed[0] === 1) return 0;
    const { slice, count, mark } = market;
    const known = market.known[0]!;
    const days = market.day[0]!;
    const closes = market.column(0, 'close');
    const { portfolio } = this.#ctx;
    const table = this.#equity;
    const { indexes } = slice;
    const from = count[0]!;
    const end = Math.min(from + most, known.length - 1);
    const anyDay = this.#session.idle;
    /** Both stay as they are until an order fills. */
    const cash = account.cashNumber;
    const held = account.quantity[0]!;
    let i = from;
    while (i < end && (anyDay || (days[i] === state.day && !this.#session.isDue(known[i]!)))) {
      const close = closes[i]!;
      const equity = cash + (held === 0 ? 0 : held * close);
      if (!(equity > 0)) break;
      const now = known[i]!;
      const day = days[i]!;
      slice.now = now;
      indexes[0] = i;
      state.now = now;
      state.day = day;
      i++;
      count[0] = i;
      mark[0] = close;
      state.equity = equity;
      if (equity > portfolio.peak) portfolio.peak = equity;
      const requests = decision.run(table.length);
      if (requests.length > 0) this.#acceptance.run(requests);
      table.add(now, day, equity, account);
      if (requests.length > 0) break;
    }
    if (i > from) market.resume();
    return i - from;
  }
}
