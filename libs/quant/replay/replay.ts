import { DomainError, decimal } from '#kernel';
import { CHAIN_START, chainStep, type EquityRow, type FillRow, type PositionEntry } from '../engine/index.ts';
import { addQuantity } from '../strategy/index.ts';

const AVERAGE_SCALE = 10;

/** An equity row but for its session date, which calendars decide and no event tells. */
export type ReplayedRow = Omit<EquityRow, 'session_date'>;

export interface ReplayResult {
  /** Rows as `equityRows` of the run shows them. */
  equity: ReplayedRow[];
  fills: FillRow[];
  eventLogHash: string;
  events: number;
  finalEquity: number | null;
}

interface Holding {
  quantity: number;
  average: bigint;
}
type Event = Record<string, unknown> & { seq: number; t: string; type: string };

function partial(detail: string): DomainError {
  return new DomainError(409, 'event_log_partial', { detail });
}

/** State of a run as its event log tells it. */
class Fold {
  readonly equity: ReplayedRow[] = [];
  readonly fills: FillRow[] = [];
  readonly #holdings = new Map<string, Holding>();
  readonly #marks = new Map<string, number>();
  /** Symbols of which a split or merger left a fraction of a lot: the next SNAPSHOT names the whole lots. */
  readonly #fractions = new Set<string>();
  #cash: bigint | null = null;
  #peak = Number.NEGATIVE_INFINITY;
  #open = false;

  take(event: Event): void {
    if (!this.#open && event.type !== 'CLOCK')
      throw partial('The log holds events outside a slice: it was not written in full.');
    switch (event.type) {
      case 'CLOCK':
        if (this.#open) throw partial('A slice of the log has no SNAPSHOT: it was not written in full.');
        this.#open = true;
        break;
      case 'MARKET':
        this.#marks.set(event['vt_symbol'] as string, event['c'] as number);
        break;
      case 'FILL':
        this.#fill(event);
        break;
      case 'CASH':
        this.#cash = decimal.roundHalfEven(decimal.parseExact(event['balance'] as string));
        if (event['kind'] === 'split_fraction' || event['kind'] === 'merger_fraction')
          this.#fractions.add(event['ref'] as string);
        break;
      case 'CORP_ACTION':
        this.#act(event);
        break;
      case 'SNAPSHOT':
        this.#snapshot(event);
        break;
      default:
    }
  }

  finish(): void {
    if (this.#open) throw partial('The last slice of the log has no SNAPSHOT.');
  }

  #fill(event: Event): void {
    const text = (key: string): string => event[key] as string;
    this.fills.push({
      fill_id: text('fill_id'),
      trade_id: text('fill_id'),
      order_id: text('order_id'),
      vt_symbol: text('vt_symbol'),
      side: event['side'] as FillRow['side'],
      quantity: text('quantity'),
      price: text('price'),
      commission: text('commission'),
      slippage_cost: text('slippage_cost'),
      liquidity: event['liquidity'] as FillRow['liquidity'],
      ts: event.t,
    });
    const traded = decimal.parseExact(text('quantity'));
    this.#trade(
      text('vt_symbol'),
      event['side'] === 'buy' ? traded : { n: -traded.n, scale: traded.scale },
      decimal.parseExact(text('price')),
    );
  }

  /**
   * A rename or merger without `new_vt_symbol` moves nothing: what it did stands in events of its own, but for the
   * shares that a merger paid off.
   */
  #act(event: Event): void {
    const symbol = event['vt_symbol'] as string;
    const kind = event['kind'] as string;
    const heir = event['new_vt_symbol'] as string | undefined;
    const ratio = (event['ratio'] ?? 1) as number;
    if (kind === 'split') this.#split(symbol, ratio);
    else if (heir !== undefined) this.#move(symbol, heir, ratio);
    else if (kind === 'merger' && event['amount'] !== undefined) this.#holdings.delete(symbol);
  }

  #move(symbol: string, heir: string, ratio: number): void {
    const holding = this.#holdings.get(symbol);
    if (!holding) return;
    this.#holdings.delete(symbol);
    if (!this.#marks.has(heir)) this.#marks.set(heir, this.#marks.get(symbol)! / ratio);
    const by = decimal.exact(ratio);
    const moved = decimal.toNumber(decimal.multiply(decimal.exact(holding.quantity), by));
    this.#trade(heir, decimal.exact(moved), {
      n: decimal.quotientHalfEven({ n: holding.average, scale: AVERAGE_SCALE }, by, AVERAGE_SCALE),
      scale: AVERAGE_SCALE,
    });
  }

  /** A signed quantity at this price joins what is held. */
  #trade(symbol: string, quantity: decimal.Exact, price: decimal.Exact): void {
    const before = this.#holdings.get(symbol) ?? { quantity: 0, average: 0n };
    const after = addQuantity(before.quantity, decimal.toNumber(quantity));
    if (after === 0) {
      this.#holdings.delete(symbol);
      return;
    }
    let average = before.average;
    if (before.quantity === 0 || before.quantity > 0 !== after > 0)
      average = decimal.roundHalfEven(price, AVERAGE_SCALE);
    else if (Math.abs(after) > Math.abs(before.quantity)) {
      const old = decimal.multiply(
        { n: before.average, scale: AVERAGE_SCALE },
        decimal.exact(Math.abs(before.quantity)),
      );
      const size = { n: quantity.n < 0n ? -quantity.n : quantity.n, scale: quantity.scale };
      average = decimal.quotientHalfEven(
        decimal.add(old, decimal.multiply(price, size)),
        decimal.exact(Math.abs(after)),
        AVERAGE_SCALE,
      );
    }
    this.#holdings.set(symbol, { quantity: after, average });
  }

  #split(symbol: string, ratio: number): void {
    const mark = this.#marks.get(symbol);
    if (mark !== undefined) this.#marks.set(symbol, mark / ratio);
    const holding = this.#holdings.get(symbol);
    if (!holding) return;
    const by = decimal.exact(ratio);
    holding.quantity = decimal.toNumber(decimal.multiply(decimal.exact(holding.quantity), by));
    holding.average = decimal.quotientHalfEven({ n: holding.average, scale: AVERAGE_SCALE }, by, AVERAGE_SCALE);
  }

  #snapshot(event: Event): void {
    this.#open = false;
    this.#cash ??= decimal.roundHalfEven(decimal.parseExact(event['cash'] as string));
    this.#settleFractions(event['positions'] as Record<string, { quantity: string }>);
    const cash = decimal.unitsToNumber(this.#cash);
    let [equity, gross, net] = [cash, 0, 0];
    const positions: Record<string, PositionEntry> = {};
    for (const symbol of [...this.#holdings.keys()].sort()) {
      const { quantity, average } = this.#holdings.get(symbol)!;
      const value = quantity * this.#marks.get(symbol)!;
      equity += value;
      gross += Math.abs(value);
      net += value;
      positions[symbol] = { quantity, avg_price: decimal.unitsToNumber(average, AVERAGE_SCALE) };
    }
    this.#peak = Math.max(this.#peak, equity);
    const shown = (value: number): number => Number(value.toFixed(8));
    this.equity.push({
      ts: event.t,
      equity: shown(equity),
      cash: shown(cash),
      gross: shown(gross),
      net: shown(net),
      positions,
      drawdown: equity / this.#peak - 1,
    });
  }

  #settleFractions(snapshot: Record<string, { quantity: string }>): void {
    for (const symbol of this.#fractions) {
      const holding = this.#holdings.get(symbol);
      const named = snapshot[symbol];
      if (holding && named) holding.quantity = Number(named.quantity);
      else this.#holdings.delete(symbol);
    }
    this.#fractions.clear();
  }
}

/**
 * Folds an event log alone, without strategy or bars (trading.md 7.5): the equity series, the fills and the hash of the
 * run that wrote it. Throws 409 `event_log_partial` when the log was not written in full, 422 `bad_input` when a line
 * is no event.
 */
export function replayEventLog(ndjson: Uint8Array): ReplayResult {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const fold = new Fold();
  let chain = CHAIN_START;
  let events = 0;
  for (let from = 0; from < ndjson.length;) {
    let to = ndjson.indexOf(10, from);
    if (to < 0) to = ndjson.length;
    const line = decoder.decode(ndjson.subarray(from, to));
    from = to + 1;
    let event: Event;
    try {
      event = JSON.parse(line) as Event;
    } catch (cause) {
      throw new DomainError(422, 'bad_input', { detail: `Line ${events + 1} of the event log is not JSON.`, cause });
    }
    if (event.seq !== events + 1) throw partial(`Event ${events + 1} is missing.`);
    events++;
    chain = chainStep(chain, line);
    fold.take(event);
  }
  fold.finish();
  if (events === 0) throw partial('The log is empty.');
  return {
    equity: fold.equity,
    fills: fold.fills,
    eventLogHash: chain,
    events,
    finalEquity: fold.equity.at(-1)?.equity ?? null,
  };
}
