import { addQuantity, type OrderRequest } from '../strategy/index.ts';
import { closable, type BuyingPower } from './buying-power.ts';
import { BacktestFailure } from './failure.ts';
import type { Order } from './order.ts';
import { requireSound } from './order-types.ts';
import { denials, type Affordability, type Finding } from './policies/index.ts';
import type { RunState } from './state.ts';

/** Without codes the order is accepted. */
interface Verdict {
  readonly codes: string[];
  readonly findings?: readonly Finding[];
}

const ACCEPTED: Verdict = { codes: [] };

/** Exits of a bracketed entry as held-back orders: the stop first, then the take. */
function bracketChildren(request: OrderRequest, group: string): OrderRequest[] {
  const exit = {
    vtSymbol: request.vtSymbol,
    side: request.side === 'buy' ? 'sell' : 'buy',
    quantity: request.quantity,
    tif: 'gtc',
    reduceOnly: true,
    contingency: 'oco',
    groupId: group,
  } as const;
  return [
    { ...exit, orderType: 'stop', stopPrice: request.bracket!.stopPrice },
    { ...exit, orderType: 'limit', limitPrice: request.bracket!.takePrice },
  ];
}

/**
 * Step 6 of trading.md 7.4: what was decided becomes live for the next bar that opens, as far as it can be paid for.
 */
export class Acceptance {
  readonly #state: RunState;
  readonly #power: BuyingPower;
  /** New orders of one slice and what was found about them; what follows is of other slices. */
  readonly #orders: Order[] = [];
  readonly #verdicts: Verdict[] = [];
  /** The working orders beside which they are judged, those accepted before among them. */
  #working: Order[] = [];

  constructor(state: RunState, power: BuyingPower) {
    this.#state = state;
    this.#power = power;
  }

  run(requests: readonly OrderRequest[]): void {
    const { book, market } = this.#state;
    const orders = this.#orders;
    const verdicts = this.#verdicts;
    let count = 0;
    this.#working = book.working.slice();
    this.#power.begin();
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i]!;
      const id = request.id ?? market.idOf(request.vtSymbol);
      if (id === undefined) this.#warnUnknown(request.vtSymbol);
      else {
        requireSound(request);
        if (request.children !== undefined) this.#checkChildren(request);
        orders[count++] = this.#create(id, request);
      }
    }
    for (let i = 0; i < count; i++) verdicts[i] = this.#judge(orders[i]!);
    for (let i = 0; i < count; i++) book.announce(orders[i]!);
    for (let i = 0; i < count; i++) this.#settle(orders[i]!, verdicts[i]!);
  }

  /**
   * What is held back is as sound as its parent, exits are of its symbol; a child without bars is told now and never
   * sent.
   */
  #checkChildren({ children, contingency, vtSymbol }: OrderRequest): void {
    for (const child of children!) {
      requireSound(child);
      if (contingency === 'bracket' && child.vtSymbol !== vtSymbol)
        throw new BacktestFailure(
          'bad_input',
          `The strategy sent a bracket of ${vtSymbol} with an exit of ${child.vtSymbol}.`,
        );
      if (this.#state.market.idOf(child.vtSymbol) === undefined) this.#warnUnknown(child.vtSymbol);
    }
  }

  #warnUnknown(vtSymbol: string): void {
    this.#state.warnings.add('symbol_without_data', 'An order names a symbol that has no bars in this run.', vtSymbol);
  }

  #settle(order: Order, { codes, findings }: Verdict): void {
    const { book, gate, market } = this.#state;
    if (findings !== undefined) gate!.report(findings, order);
    if (codes.length > 0) return book.deny(order, codes);
    const mark = market.mark[order.id]!;
    order.trail(mark, mark);
    book.accept(order);
    if (book.bracketed && this.#endsPosition(order)) this.#retireExits(order.id);
  }

  #create(id: number, request: OrderRequest): Order {
    const { book } = this.#state;
    const leads = request.bracket !== undefined;
    const groupId = request.groupId ?? (leads || (request.children?.length ?? 0) > 0 ? book.newGroup() : null);
    const children = leads
      ? bracketChildren(request, groupId!)
      : request.children?.map((child) => ({ ...child, groupId }));
    return book.create(id, groupId === (request.groupId ?? null) ? request : { ...request, groupId }, {
      origin: 'strategy',
      children,
    });
  }

  /** Joins `working` when it passes. */
  #judge(order: Order): Verdict {
    const { gate } = this.#state;
    const affordable = this.#affordable(order);
    if (gate !== null) {
      const findings = gate.judge(order, this.#working, affordable);
      const codes = denials(findings);
      if (codes.length > 0) return { codes, findings };
      this.#join(order, affordable.quantity);
      return { codes, findings };
    }
    if (affordable.refusal !== null) return { codes: [affordable.refusal] };
    this.#join(order, affordable.quantity);
    return ACCEPTED;
  }

  #join(order: Order, quantity: number): void {
    order.quantity = quantity;
    this.#working.push(order);
  }

  #affordable(order: Order): Affordability {
    const { account, market, notBorrowable, options } = this.#state;
    if (!(market.mark[order.id]! > 0) || market.removed[order.id]) return { quantity: 0, refusal: 'not_tradable' };
    const quantity = this.#power.accepted(order, this.#working);
    if (quantity > 0 && (quantity === order.requested || options.on_insufficient !== 'reject'))
      return { quantity, refusal: null };
    const opensShort =
      order.sign < 0 && !order.reduceOnly && order.requested > closable(order, account.quantity[order.id]!);
    return {
      quantity: 0,
      refusal:
        opensShort && account.kind === 'margin' && notBorrowable.has(order.vtSymbol)
          ? 'not_borrowable'
          : 'insufficient_buying_power',
    };
  }

  /**
   * Whether a market order makes an exit or a flip of its symbol complete, with those that were on their way before it.
   */
  #endsPosition(order: Order): boolean {
    const { account, book } = this.#state;
    const position = account.quantity[order.id]!;
    if (!order.isMarket || position === 0) return false;
    let after = position;
    for (const other of book.working)
      if (other.id === order.id && other.isMarket) after = addQuantity(after, other.sign * other.remaining);
    return after === 0 || after > 0 !== position > 0;
  }

  /** The exits of the brackets on that symbol. */
  #retireExits(id: number): void {
    const { book } = this.#state;
    for (const child of book.working) if (child.bracketChild && child.id === id) book.cancel(child, 'exit');
  }
}
