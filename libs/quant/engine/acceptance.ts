import { addQuantity, type OrderRequest } from '../strategy/index.ts';
import { closable, type BuyingPower } from './buying-power.ts';
import type { Order } from './order.ts';
import { denials, type Affordability, type Finding } from './policies/index.ts';
import type { RunState } from './state.ts';

interface Verdict { order: Order; codes: string[]; findings?: readonly Finding[] }

/** Exits of a bracketed entry as held-back orders: the stop first, then the take. */
function bracketChildren(request: OrderRequest, group: string): OrderRequest[] {
  const exit = { vtSymbol: request.vtSymbol, side: request.side === 'buy' ? 'sell' : 'buy', quantity: request.quantity, tif: 'gtc', reduceOnly: true, contingency: 'oco', groupId: group } as const;
  return [
    { ...exit, orderType: 'stop', stopPrice: request.bracket!.stopPrice },
    { ...exit, orderType: 'limit', limitPrice: request.bracket!.takePrice },
  ];
}

/** Step 6 of trading.md 7.4: what was decided becomes live for the next bar, as far as it can be paid for. */
export class Acceptance {
  readonly #state: RunState;
  readonly #power: BuyingPower;

  constructor(state: RunState, power: BuyingPower) {
    this.#state = state;
    this.#power = power;
  }

  run(requests: readonly OrderRequest[]): void {
    const { book, market } = this.#state;
    const verdicts: Verdict[] = [];
    /** With those accepted before in this slice. */
    const working: Order[] = [...book.working];
    for (const request of requests) {
      const id = market.idOf(request.vtSymbol);
      if (id === undefined) {
        this.#state.warnings.add('symbol_without_data', 'An order names a symbol that has no bars in this run.', request.vtSymbol);
        continue;
      }
      verdicts.push(this.#judge(this.#create(id, request), working));
    }
    for (const { order } of verdicts) book.announce(order);
    for (const { order, codes, findings } of verdicts) {
      if (findings !== undefined) this.#state.gate!.report(findings, order);
      if (codes.length > 0) {
        book.deny(order, codes);
        continue;
      }
      const mark = market.mark[order.id]!;
      order.trail(mark, mark);
      book.accept(order, market.count[order.id]! - 1);
      this.#retireExits(order);
    }
  }

  #create(id: number, request: OrderRequest): Order {
    const { book } = this.#state;
    const leads = request.bracket !== undefined;
    const groupId = request.groupId ?? (leads || (request.children?.length ?? 0) > 0 ? book.newGroup() : null);
    const children = leads ? bracketChildren(request, groupId!) : request.children?.map((child) => ({ ...child, groupId }));
    return book.create(id, groupId === (request.groupId ?? null) ? request : { ...request, groupId }, { origin: 'strategy', children });
  }

  /** Joins `working` when it passes. */
  #judge(order: Order, working: Order[]): Verdict {
    const { gate } = this.#state;
    const affordable = this.#affordable(order, working);
    const findings = gate?.judge(order, working, affordable);
    const codes = findings !== undefined ? denials(findings) : affordable.refusal === null ? [] : [affordable.refusal];
    if (codes.length === 0) {
      order.quantity = affordable.quantity;
      working.push(order);
    }
    return { order, codes, findings };
  }

  #affordable(order: Order, working: readonly Order[]): Affordability {
    const { account, market, notBorrowable, options } = this.#state;
    if (!(market.mark[order.id]! > 0) || market.removed[order.id]) return { quantity: 0, refusal: 'not_tradable' };
    const quantity = this.#power.accepted(order, working);
    if (quantity > 0 && (quantity === order.requested || options.on_insufficient !== 'reject')) return { quantity, refusal: null };
    const opensShort = order.sign < 0 && !order.reduceOnly && order.requested > closable(order, account.quantity[order.id]!);
    return { quantity: 0, refusal: opensShort && account.kind === 'margin' && notBorrowable.has(order.vtSymbol) ? 'not_borrowable' : 'insufficient_buying_power' };
  }

  /** A market exit or flip ends the exits of the brackets on that symbol. */
  #retireExits(order: Order): void {
    const { account, book } = this.#state;
    const position = account.quantity[order.id]!;
    if (!book.bracketed || !order.isMarket || position === 0) return;
    const after = addQuantity(position, order.sign * order.quantity);
    if (after !== 0 && after > 0 === position > 0) return;
    for (const child of book.working) if (child.bracketChild && child.id === order.id) book.cancel(child, 'exit');
  }
}
