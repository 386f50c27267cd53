import { hash } from 'node:crypto';
import { canonicalJson } from '#kernel';
import { decimal } from '../decimal/index.ts';
import type { OrderStatus } from '../strategy/index.ts';
import type { Fill } from './fill-table.ts';
import { InstantText } from './instant-text.ts';
import type { Order } from './order.ts';

export type EventLogMode = 'full' | 'orders_only' | 'off';

const CHUNK_CHARS = 1 << 16;
const LARGEST_BYTES = 2 * 1024 ** 3 - 1;
export const CHAIN_START = '0'.repeat(64);

/** h_i = SHA-256(h_{i−1} ‖ JCS(event_i)), hex text concatenated. */
export function chainStep(previous: string, line: string): string {
  return hash('sha256', previous + line, 'hex');
}

/**
 * The event log of one run: NDJSON of canonical lines, chained as they are written. The frequent events are written out
 * by hand with their keys in code-point order; a test holds them against `canonicalJson`.
 */
export class EventLog {
  readonly #encoder = new TextEncoder();
  readonly #instants = new InstantText();
  readonly #chunks: Uint8Array[] = [];
  /** Every type is written. Plain booleans: comparing texts at every bar is dear. */
  full: boolean;
  /** Nothing is written. */
  readonly off: boolean;
  #pending = '';
  #bytes = 0;
  #chain = CHAIN_START;
  #seq = 0;
  #time = '';

  constructor(mode: EventLogMode) {
    this.full = mode === 'full';
    this.off = mode === 'off';
  }

  get mode(): EventLogMode {
    return this.full ? 'full' : this.off ? 'off' : 'orders_only';
  }

  get events(): number {
    return this.#seq;
  }

  get hash(): string | null {
    return this.off ? null : this.#chain;
  }

  /** Instant of the slice that the next events belong to, ms. */
  at(now: number): void {
    this.#time = this.#instants.of(now);
  }

  clock(): void {
    if (this.full) this.#line(`{"seq":${++this.#seq},"t":"${this.#time}","type":"CLOCK"}`);
  }

  /** `symbol` is the JSON text of the vt_symbol. */
  market(symbol: string, o: number, h: number, l: number, c: number, v: number): void {
    if (!this.full) return;
    const volume = v === v ? `,"v":${v}` : '';
    this.#line(
      `{"c":${c},"h":${h},"l":${l},"o":${o},"seq":${++this.#seq},"t":"${this.#time}","type":"MARKET"` +
        `${volume},"vt_symbol":${symbol}}`,
    );
  }

  signal(
    symbol: string,
    source: string,
    direction: string,
    strength: number,
    confidence: number,
    horizon: number | null,
  ): void {
    if (!this.full) return;
    const bars = horizon === null ? '' : `"horizon_bars":${horizon},`;
    this.#line(
      `{"confidence":${confidence},"direction":"${direction}",${bars}"seq":${++this.#seq},"source":` +
        `${JSON.stringify(source)},"strength":${strength},"t":"${this.#time}","type":"SIGNAL","vt_symbol":${symbol}}`,
    );
  }

  target(symbol: string, weight: number, stage: 'portfolio' | 'risk'): void {
    if (this.full)
      this.#line(
        `{"seq":${++this.#seq},"stage":"${stage}","t":"${this.#time}","type":"TARGET","vt_symbol":` +
          `${symbol},"weight":${weight}}`,
      );
  }

  /** `equity` and `cash` are decimal texts, `positions` the canonical JSON of the positions. */
  snapshot(equity: string, cash: string, positions: string): void {
    if (this.full)
      this.#line(
        `{"cash":"${cash}","equity":"${equity}","positions":${positions},"seq":${++this.#seq},"t":"` +
          `${this.#time}","type":"SNAPSHOT"}`,
      );
  }

  /** Of an order as it was accepted or denied. */
  order(order: Order): void {
    const group = order.groupId === null ? '' : `"group_id":${JSON.stringify(order.groupId)},`;
    const limit = order.limitPrice === null ? '' : `"limit_price":"${decimal.plainDecimal(order.limitPrice)}",`;
    const stop = order.stopPrice === null ? '' : `,"stop_price":"${decimal.plainDecimal(order.stopPrice)}"`;
    const quantities =
      `"quantity":"${decimal.plainDecimal(order.quantity)}","reduce_only":` +
      `${order.reduceOnly},"requested_quantity":"${decimal.plainDecimal(order.requested)}"`;
    this.#line(
      `{${group}${limit}"order_id":"${order.orderId}","order_type":"${order.orderType}",${quantities},"seq":` +
        `${++this.#seq},"side":"${order.side}"${stop},"t":"${this.#time}","tif":"` +
        `${order.tif}","type":"ORDER","vt_symbol":${JSON.stringify(order.vtSymbol)}}`,
    );
  }

  orderStatus(sequence: number, status: OrderStatus, reason: string | null): void {
    const why = reason === null ? '' : `"reason":${JSON.stringify(reason)},`;
    this.#line(
      `{"order_id":"o-${sequence}",${why}"seq":${++this.#seq},"status":"${status}","t":"` +
        `${this.#time}","type":"ORDER_STATUS"}`,
    );
  }

  /** The n-th fill of the run. */
  fill(n: number, order: Order, { quantity, price, commission, slippage, liquidity }: Fill): void {
    const money =
      `"commission":"${decimal.formatUnits(commission)}","fill_id":"f-${n}","liquidity":"` +
      `${liquidity}","order_id":"${order.orderId}","price":"${decimal.formatExact(price)}"`;
    this.#line(
      `{${money},"quantity":"${decimal.plainDecimal(quantity)}","seq":${++this.#seq},"side":"` +
        `${order.side}","slippage_cost":"${decimal.formatUnits(slippage)}","t":"` +
        `${this.#time}","type":"FILL","vt_symbol":${JSON.stringify(order.vtSymbol)}}`,
    );
  }

  /** `balance` is a decimal text, `reference` a fill, a symbol or the name of a rate. */
  cash(kind: string, amount: decimal.Integer, balance: string, reference: string): void {
    this.#line(
      `{"amount":"${decimal.formatUnits(amount)}","balance":"${balance}","kind":"${kind}","ref":` +
        `${JSON.stringify(reference)},"seq":${++this.#seq},"t":"${this.#time}","type":"CASH"}`,
    );
  }

  /** A rare event; fields that are null or undefined are absent. */
  write(type: 'CORP_ACTION' | 'RISK', fields: Readonly<Record<string, unknown>>): void {
    if (this.off) return;
    const event: Record<string, unknown> = { seq: ++this.#seq, t: this.#time, type };
    for (const key of Object.keys(fields))
      if (fields[key] !== null && fields[key] !== undefined) event[key] = fields[key];
    this.#line(canonicalJson(event));
  }

  bytes(): Uint8Array | null {
    if (this.off) return null;
    this.#flush();
    const all = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  #line(line: string): void {
    this.#chain = chainStep(this.#chain, line);
    this.#pending += line + '\n';
    if (this.#pending.length > CHUNK_CHARS) this.#flush();
  }

  #flush(): void {
    if (this.#pending === '') return;
    const chunk = this.#encoder.encode(this.#pending);
    this.#pending = '';
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > LARGEST_BYTES - 2 * CHUNK_CHARS * 4) this.full = false;
  }
}
