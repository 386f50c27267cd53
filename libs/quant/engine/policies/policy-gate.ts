import { formatVtSymbol, parseVtSymbol } from '#kernel';
import { decimal } from '../../decimal/index.ts';
import { INTERVAL_MS } from '../../bars/index.ts';
import { DAY_MS } from '../../calendars/index.ts';
import type { RiskBlock } from '../../recipe/index.ts';
import { closable } from '../buying-power.ts';
import type { Order } from '../order.ts';
import { CLOSES_SESSION, type PreparedSymbol } from '../prepare.ts';
import type { RunState } from '../state.ts';
import { AcceptedOrders } from './accepted-orders.ts';
import { barsClosedSince } from './bar-age.ts';
import { exposureAfter, onlyReduces } from './exposure.ts';
import { LossMonitor, shownEquity } from './loss-limits.ts';
import { MessageBudget } from './message-budget.ts';
import {
  denials,
  type Affordability,
  type Breach,
  type Finding,
  type OrderCheck,
  type OrderGate,
  type SessionVolume,
} from './policy.ts';
import { evaluatePolicies } from './registry.ts';
import { effectiveLimits, type RiskLimits } from './risk-limits.ts';
import { SessionVolumes } from './session-volume.ts';

/** `action` of a RISK event. */
const ACTIONS = { block: 'deny', warn: 'warn', halt: 'halt' } as const;
const WARNINGS: Readonly<Record<string, string>> = {
  volume_unknown: 'The volume of the last sessions is unknown: the size of an order was not held against it.',
  max_concentration_pct: 'An order makes one symbol a larger share of the exposure than the risk block wants.',
  max_sector_pct: 'An order makes one sector larger than the risk block wants.',
};

/** The policies of trading.md 8.3 over one backtest: one verdict per order, one look at every mark. */
export class PolicyGate implements OrderGate {
  readonly #state: RunState;
  readonly #symbols: readonly PreparedSymbol[];
  readonly #sectors: readonly (string | null)[];
  readonly #limits: RiskLimits;
  readonly #losses: LossMonitor;
  readonly #messages: MessageBudget;
  readonly #accepted = new AcceptedOrders();
  readonly #volumes = new SessionVolumes();
  /** Breaches of the mark that ended trading. */
  #halt: readonly Breach[] | null = null;

  /** `sectors` by id, null = unknown. */
  constructor(
    state: RunState,
    symbols: readonly PreparedSymbol[],
    sectors: readonly (string | null)[],
    block: RiskBlock,
  ) {
    const limits = effectiveLimits(block);
    this.#state = state;
    this.#symbols = symbols;
    this.#sectors = sectors;
    this.#limits = {
      ...limits,
      restricted: limits.restricted.map((symbol) =>
        formatVtSymbol(parseVtSymbol(symbol, { defaultExchange: 'NASDAQ' })),
      ),
    };
    this.#losses = new LossMonitor(this.#limits, state.options.initial_cash);
    this.#messages = new MessageBudget(this.#limits);
  }

  watch(): void {
    const state = this.#state;
    if (!this.#losses.mark(state.day, state.equity) || this.#halt !== null) return;
    const findings: Finding[] = [];
    const [daily, deep] = [this.#losses.dailyLoss(), this.#losses.drawdown()];
    if (daily !== null) findings.push({ ...daily, policy: 'R16', severity: 'halt' });
    if (deep !== null) findings.push({ ...deep, policy: 'R17', severity: 'halt' });
    if (findings.length === 0) return;
    this.#halt = findings;
    this.report(findings);
    state.warnings.add(
      'risk_halted',
      `A loss limit ended trading ` +
        `(${findings.map((one) => one.code).join(', ')}): working orders were cancelled, later orders are denied, ` +
        `positions stay.`,
    );
    for (const order of state.book.working) state.book.cancel(order, 'risk_halted');
  }

  judge(order: Order, working: readonly Order[], affordable: Affordability): Finding[] {
    const findings = evaluatePolicies(this.#check(order, working, affordable));
    if (denials(findings).length === 0) {
      this.#messages.take(this.#state.now, this.#state.day);
      this.#accepted.add(order, this.#state.now);
    }
    return findings;
  }

  release(order: Order): string[] {
    const findings = this.judge(order, this.#state.book.working, { quantity: order.requested, refusal: null });
    this.report(findings, order);
    return denials(findings);
  }

  cancelSent(): void {
    this.#messages.take(this.#state.now, this.#state.day);
  }

  report(findings: readonly Finding[], order?: Order): void {
    for (const { policy, severity, value, limit, code } of findings) {
      this.#state.log.write('RISK', { policy, action: ACTIONS[severity], value, limit });
      if (severity === 'warn') this.#state.warnings.add(code, WARNINGS[code]!, order?.vtSymbol);
    }
  }

  #check(order: Order, working: readonly Order[], { quantity: left, refusal }: Affordability): OrderCheck {
    const { account, market, notBorrowable, now, day, equity } = this.#state;
    const limits = this.#limits;
    const position = account.quantity[order.id]!;
    // The clip of a cash account's sell to the position is no matter of money: the policies see the sale that was asked
    // for.
    const asked = refusal !== null || (account.kind === 'cash' && order.sign < 0);
    const quantity = decimal.exact(asked ? order.requested : left);
    const priced = market.mark[order.id]! > 0 && !market.removed[order.id];
    const reduces = onlyReduces(order, quantity, position, working);
    return {
      order,
      limits,
      quantity,
      working,
      equity: shownEquity(equity),
      price: priced ? decimal.exact(market.mark[order.id]!) : null,
      unaffordable: refusal === 'insufficient_buying_power',
      unborrowable:
        account.kind === 'margin' &&
        order.sign < 0 &&
        !order.reduceOnly &&
        notBorrowable.has(order.vtSymbol) &&
        decimal.toNumber(quantity) > closable(order, position),
      exposure:
        reduces || !priced
          ? null
          : exposureAfter({
              positions: account.held.map((id) => ({ id, quantity: account.quantity[id]! })),
              working,
              order,
              quantity,
              priceOf: (id) => market.mark[id]!,
            }),
      sectorOf: (id) => this.#sectors[id]!,
      volume: () => this.#volume(order.id),
      staleIntervals: () => this.#age(order.id),
      messageBreach: () => this.#messages.breach(now, day),
      sinceEqual: () => this.#accepted.since(order, now),
      dailyLoss: () => this.#losses.dailyLoss() ?? this.#halted('daily_loss'),
      drawdown: () => this.#losses.drawdown() ?? this.#halted('drawdown'),
    };
  }

  #halted(code: string): Breach | null {
    return this.#halt?.find((one) => one.code === code) ?? null;
  }

  #volume(id: number): SessionVolume | null {
    const { market, now, options } = this.#state;
    const count = market.count[id]!;
    const day = market.day[id]!;
    const last = count - 1;
    const daily = INTERVAL_MS[options.interval] === undefined;
    const closed =
      daily ||
      (market.flags[id]![last]! & CLOSES_SESSION) !== 0 ||
      (this.#symbols[id]!.calendar.sessionByLabel(day[last]! * DAY_MS)?.close ?? Number.POSITIVE_INFINITY) <= now;
    return this.#volumes.of(id, { volume: market.column(id, 'volume'), day, count, closed });
  }

  #age(id: number): number {
    const { market, now, options } = this.#state;
    const last = market.count[id]! - 1;
    if (last < 0 || market.known[id]![last] === now) return 0;
    const { bars, calendar } = this.#symbols[id]!;
    return barsClosedSince(
      calendar,
      options.interval,
      { label: bars.time[last]!, day: market.day[id]![last]! },
      now,
      options.extended_hours,
    );
  }
}
